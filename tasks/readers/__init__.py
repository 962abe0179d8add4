"""File formats: from the files that users have to examples and gold."""
