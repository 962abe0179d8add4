"""From token ids to answers: one path per kind of task, all languages in one stream."""
