"""``xharness data perturb``: a data folder with perturbed texts out of a plain one."""
