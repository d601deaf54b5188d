"""begin.py OUTPUT ARGUMENT…: begins Python with the arguments, its standard output in a file, and prints its process id.

Closes what it inherited: a pipe in a server's hands keeps the pipe's reader waiting for as long as the server runs.
"""

import subprocess
import sys

output, *arguments = sys.argv[1:]
null = subprocess.DEVNULL
print(subprocess.Popen([sys.executable, *arguments], stdin=null, stdout=open(output, "w"), stderr=null).pid)
