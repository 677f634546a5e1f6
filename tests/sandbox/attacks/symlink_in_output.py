"""The result is a symbolic link to a file of the machine."""

# expect: stopped
import os

os.symlink("/etc/passwd", "/output/result.csv")
