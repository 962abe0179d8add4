"""From sentence vectors to answers: exact search, margins, mining, Tatoeba, BUCC and the sweep over layers."""
