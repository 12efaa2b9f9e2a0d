#!/bin/sh
# Measures works beside PyTorch's and Pillow's, which need: apt-get install --no-install-recommends python3-torch python3-scipy libopenblas0-pthread python3-pil
# usage: bench/side-by-side.sh WORK... [--batch N]         one JSON line per work; without the peer ours alone
set -eu
here=$(cd "$(dirname "$0")" && pwd)
shared=$here/../../shared
export FIXTURES="${FIXTURES:-$shared/fixtures}"
dotnet build -c Release -v quiet -nologo "$here/Bench.csproj" >&2
exec "$here/../.build/bin/Bench/release/LmmRec.Bench" side-by-side "$@" \
  --inter "$shared/data/amazon_baby_lattice/baby_lattice.inter" --peer "$shared/peers/torch_peer.py" --peer "$here/pillow_peer.py" --peer "$here/featurize_peer.py"
