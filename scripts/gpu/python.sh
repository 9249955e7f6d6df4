# Sourced: sets $python to the first python3 that has the module $1, or to python3.
python=python3
for candidate in ${PYTHON:-} python3 /usr/bin/python3; do
  if "$candidate" -c "import $1" 2>/dev/null; then python=$candidate && break; fi
done
