#!/bin/sh
# Makes the encoders of onnx-models/ that are pre-trained: a CLIP and a VLMo, tuned as examples/pretrain.json says on the 300 products of the sample shop of
# seed 11, of which none is in the default sample (seed 7). Same bytes on machines with the same instructions; some minutes on two cores.
# usage: bench/pretrain.sh
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
dotnet build -c Release -v quiet -nologo "$here/src/Cli/Cli.csproj" >&2
lmmrec=$here/.build/bin/Cli/release/lmmrec
config=$here/examples/pretrain.json
cd "$here"
"$lmmrec" ingest --config "$config" --workspace "$work"
for name in clip-sample vlmo-sample; do
  "$lmmrec" tune "$name" --config "$config" --workspace "$work"
  tuned=$work/sample/encoders/$name-ft
  target=$here/onnx-models/$name
  mkdir -p "$target"
  find "$tuned" -name '*.onnx' -o -name '*.safetensors' -o -name '*.txt' | while read -r file; do cp "$file" "$target"; done
  sed 's|fine-tuned on pairs of picture and text|pre-trained on the sample shop of seed 11 by bench/pretrain.sh|' "$tuned/card.json" > "$target/card.json"
done
