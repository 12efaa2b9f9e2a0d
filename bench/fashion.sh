#!/bin/sh
# Trains an encoder from random weights on the photos and titles of ../shared/data/fashion_small_985, as examples/fashion-tune.json says, and writes how
# photos find their titles: recall among the held-out 98, and on stderr the processor's seconds. A minute on two cores.
# usage: bench/fashion.sh [FOLD]
#   FOLD: which tenth is held out, 0 to 9
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
data=$here/../shared/data/fashion_small_985
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
dotnet build -c Release -v quiet -nologo "$here/src/Cli/Cli.csproj" >&2
lmmrec=$here/.build/bin/Cli/release/lmmrec

# Tuning looks at no purchase, but a shop has some.
ln -s "$data/styles.csv" "$data/images" "$work"
awk -F, 'NR == 1 { print "customer,product" } NR > 1 { print "nobody," $1 }' "$work/styles.csv" > "$work/purchases.csv"

# The words that occur 20 times or more. [SEP] has to be the last: a CLIP reads a text at its largest id.
cp -r "$here/examples/fashion-tune.json" "$here/examples/fashion-clip" "$work"
{
  printf '%s\n' '[PAD]' '[UNK]' '[CLS]'
  tail -n +2 "$work/styles.csv" | cut -d, -f3-6,10- | tr 'A-Z' 'a-z' | tr -cs 'a-z0-9' '\n' | LC_ALL=C sort | uniq -c | awk '$1 >= 20 && $2 { print $2 }'
  echo '[SEP]'
} > "$work/fashion-clip/vocab.txt"

cd "$work"
"$lmmrec" ingest --config fashion-tune.json --data . >&2
"$lmmrec" tune fashion --config fashion-tune.json --set "encoders.0.tune.fold=${1:-0}" >&2
sed -n '/"measured"/,/}/p' artifacts/fashion/encoders/fashion-ft/manifest.json
