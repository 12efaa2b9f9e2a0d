#!/bin/sh
# What pre-training and tuning are worth on the sample, as examples/tuning.json says: the tables in docs/results.md.
#   search        how pictures find their texts, with the encoders of onnx-models/ that are pre-trained and with three seeds of random weights
#   folds         the same before and after fine-tuning: five folds, each held out once, three seeds
#   recommenders  Recall@20 of the paper's five recommenders with random, pre-trained, fine-tuned and end-to-end trained weights
# usage: [SEEDS="1 2 3"] [RECOMMENDERS="vbpr mmgcn mmgcl slmrec lattice"] bench/tuning-table.sh [search|folds|recommenders …]
#   default: all three. The first two take minutes; of the third, training end to end takes hours.
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
dotnet build -c Release -v quiet -nologo "$here/src/Cli/Cli.csproj" >&2
dotnet build -c Release -v quiet -nologo "$here/bench/Bench.csproj" >&2
bench=$here/.build/bin/Bench/release/LmmRec.Bench
data=$work/sample-tuning
: "${SEEDS:=1 2 3}" "${RECOMMENDERS:=vbpr mmgcn mmgcl slmrec lattice}"

lmmrec() {
  command=$1
  shift
  "$here/.build/bin/Cli/release/lmmrec" "$command" "$@"
}
configured() { lmmrec "$@" --config "$here/examples/tuning.json" --workspace "$work" >&2; }

search() {
  configured ingest
  set -- "$here/onnx-models/clip-sample" "$here/onnx-models/vlmo-sample"
  for seed in $SEEDS; do
    for card in clip-small vlmo-small; do
      lmmrec models init "$card" --seed "$seed" --target "$work/random/$card-$seed" >&2
      set -- "$@" "$work/random/$card-$seed"
    done
  done
  "$bench" retrieval "$data/ingest" "$@" | sed "s|$here/||; s|$work/||"
}

folds() {
  configured ingest
  set --
  for seed in $SEEDS; do
    for fold in 0 1 2 3 4; do
      name=clip-$seed-$fold
      configured tune "$name" --set "encoders.1.name=\"$name\"" --set "encoders.1.tune.seed=$seed" --set encoders.1.tune.heldOut=0.2 --set "encoders.1.tune.fold=$fold"
      set -- "$@" "$data/encoders/$name-ft"
    done
  done
  "$bench" retrieval "$data/ingest" --parent "$here/onnx-models/clip-sample" "$@"
}

recommenders() {
  seeds=$(echo $SEEDS | tr ' ' ,)
  for recommender in $RECOMMENDERS; do configured run --set "train.recommenders=[\"$recommender\"]" --set "train.seeds=[$seeds]"; done
  "$bench" tuning-table "$data/evaluation" clip
}

[ $# -gt 0 ] || set -- search folds recommenders
for part; do
  "$part"
  echo
done
