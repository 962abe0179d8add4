"""One evaluation: options, plan, answers, scores, manifest."""
