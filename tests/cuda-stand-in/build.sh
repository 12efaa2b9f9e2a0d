#!/usr/bin/env bash
# build.sh PROVIDER FOLDER: libraries in the place of CUDA's, with which ONNX Runtime's CUDA provider (libonnxruntime_providers_cuda.so) opens sessions
# on a machine without a card. They allocate and copy; no kernel runs, so they tell where nodes and tensors lie, and no result. Needs gcc and nm.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
provider=$1 folder=$2
mkdir -p "$folder"
nm -D --undefined-only "$provider" | awk '{ print $2 }' > "$folder/wanted"

for library in libcudart.so.13 libcublas.so.13 libcublasLt.so.13 libcurand.so.10; do
    names=$(sed -n "s/@$library\$//p" "$folder/wanted")
    { cat "$here/stand-in.c"; echo "int stand_in;"; } > "$folder/$library.c"
    for name in $names; do grep -q "[ *]$name(" "$here/stand-in.c" || echo "int $name(void) { return 0; }"; done >> "$folder/$library.c"
    { echo "$library { global: stand_in;"; for name in $names; do echo "$name;"; done; echo "local: *; };"; } > "$folder/$library.map"
    gcc -w -shared -fPIC -Wl,-soname,$library -Wl,--version-script,"$folder/$library.map" -o "$folder/$library" "$folder/$library.c"
done
echo 'int cuTensorMapEncodeTiled(void) { return 0; }' > "$folder/libcuda.so.1.c"
gcc -shared -fPIC -Wl,-soname,libcuda.so.1 -o "$folder/libcuda.so.1" "$folder/libcuda.so.1.c"
rm "$folder/wanted" "$folder"/*.c "$folder"/*.map
