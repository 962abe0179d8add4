"""How models are trained: recipes, mixtures of tasks, objectives and the engine that resumes exactly."""
