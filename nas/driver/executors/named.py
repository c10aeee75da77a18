"""The executors that a file can name, and their table. A new one is a file of this folder and a line below."""

from nas.driver.executors.executor import Platform
from nas.driver.executors.local import Local
from nas.driver.executors.ray_cluster import Ray
from nas.settings import Registry

EXECUTORS: Registry[Platform] = Registry(Platform, "executor", {"local": Local, "ray": Ray})
"""Where evaluations run, by the names in run files."""
