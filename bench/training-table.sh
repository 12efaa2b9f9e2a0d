#!/bin/sh
# What the recommenders reach and cost on the data sets that lie in ../shared/data, trained as examples/ says: the table in docs/results.md.
# Recall@20 on the test split is the mean over three seeds, beside what MMRec reached with one (../shared/reference/mmrec.md). Seconds are those of
# the quickest of the last epochs, memory is that of the largest process; each training has a process of its own.
# usage: [EPOCHS=N] bench/training-table.sh [DATA/RECOMMENDER …]
#   default: all rows, more than an hour on two cores; EPOCHS=N: seconds and memory alone, from one training of N epochs
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
dotnet build -c Release -v quiet -nologo "$here/src/Cli/Cli.csproj" >&2
lmmrec=$here/.build/bin/Cli/release/lmmrec
seeds=${EPOCHS:+1}
: "${seeds:=1 2 3}"

train() { # data, recommender, seed: Recall@20 on the test split
  case $1 in
    tiktok) config=tiktok-all folder=tiktok_diffmm ;;
    baby) config=baby folder=amazon_baby_lattice ;;
    *) config=$1 folder=amazon_sports_clothing_inter ;;
  esac
  "$lmmrec" run --config "$here/examples/$config.json" --data "$here/../shared/data/$folder" --workspace "$work" \
    --set "train.recommenders=[\"$2\"]" --set "train.seeds=[$3]" \
    ${EPOCHS:+--set "train.epochs=$EPOCHS" --set "train.options.$2.epochs=$EPOCHS" --set "train.evaluateEvery=$EPOCHS"} |
    awk '/Recall@20/ { for (at = 1; $at != "Recall@20"; at++); } at && $1 ~ /-s[0-9]+$/ { print $at }'
}

row() { # data, recommender
  recalls=$(for seed in $seeds; do train "$1" "$2" "$seed"; done)
  [ "$(echo $recalls | wc -w)" = "$(echo $seeds | wc -w)" ] || { echo "$1/$2: a training failed; its lines are above" >&2; exit 1; }
  mean=$(echo "$recalls" | awk '{ sum += $1 } END { printf "%.4f", sum / NR }')
  theirs=$(awk -F ' *[|] *' -v data="$1" -v model="$2" 'index($2, data) && tolower($3) == model { print $7 }' "$here/../shared/reference/mmrec.md")
  quality="– | – | –"
  [ "${EPOCHS:-}" ] || quality="$mean ($(echo $recalls)) | ${theirs:-–} | $([ -z "$theirs" ] || awk "BEGIN { printf \"%.3f\", $mean / $theirs }")"
  echo "| $1 | $2 | $quality | $(values secondsPerEpoch | head -n 1) | $(values peakMegabytes | tail -n 1) |"
  rm -r "$work"/*/models
}

values() { sed -n "s/.*\"$1\": *\([0-9.]*\).*/\1/p" "$work"/*/models/*/timings.json | sort -g; }

[ $# -gt 0 ] || set -- \
  tiktok/bpr tiktok/lightgcn tiktok/vbpr tiktok/mmgcn tiktok/mmgcl tiktok/slmrec tiktok/lattice tiktok/freedom tiktok/bm3 tiktok/mgcn \
  baby/bpr baby/lightgcn sports/bpr sports/lightgcn clothing/bpr clothing/lightgcn
echo "| data | recommender | test Recall@20 (each seed) | MMRec | ratio | seconds per epoch | peak MB |"
echo "| --- | --- | --- | --- | --- | --- | --- |"
for name; do row "${name%/*}" "${name#*/}"; done
