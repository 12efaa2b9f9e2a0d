#!/bin/sh
# Seconds per epoch and peak memory of every recommender on every data set that lies in ../shared/data: the table in README.md.
# usage: bench/training-table.sh [EPOCHS]        each training in a process of its own; default 3 epochs, the last one measured
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
epochs=${1:-3}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
dotnet build -c Release -v quiet -nologo "$here/src/Cli/Cli.csproj" >&2
lmmrec=$here/.build/bin/Cli/release/lmmrec

row() { # config, folder of data, recommender
  "$lmmrec" run --config "$here/examples/$1.json" --data "$here/../shared/data/$2" --workspace "$work" \
    --set "train.recommenders=[\"$3\"]" --set "train.seeds=[1]" --set "train.epochs=$epochs" --set "train.options.$3.epochs=$epochs" \
    --set "train.evaluateEvery=$epochs" >&2
  timings=$(ls "$work"/*/models/"$3"-*/timings.json)
  echo "| $1 | $3 | $(value secondsPerEpoch "$timings") | $(value peakMegabytes "$timings") |"
  rm -r "$work"/*/models
}

value() { sed -n "s/.*\"$1\": *\([0-9.]*\).*/\1/p" "$2"; }

echo "| data | recommender | seconds per epoch | peak MB |"
echo "| --- | --- | --- | --- |"
for recommender in bpr lightgcn vbpr mmgcn mmgcl slmrec lattice freedom bm3 mgcn; do row tiktok-all tiktok_diffmm "$recommender"; done
for recommender in bpr lightgcn; do
  row baby amazon_baby_lattice "$recommender"
  row sports amazon_sports_clothing_inter "$recommender"
  row clothing amazon_sports_clothing_inter "$recommender"
done
