"""Grades a class on the workers of a Dask scheduler. Imported only where a class is given one."""
