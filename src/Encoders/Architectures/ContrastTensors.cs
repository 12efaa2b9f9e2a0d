using LmmRec.Graphs;

namespace LmmRec.Encoders.Architectures;

/// <summary>What a contrast of pictures and texts compares (docs/encoders.md#fine-tuning-losses).</summary>
/// <param name="Images">[B, F], of any length</param>
/// <param name="Texts">[B, F], of any length</param>
/// <param name="LogitScale">ln of the inverse temperature, a parameter of rank 0</param>
internal sealed record ContrastTensors(Tensor Images, Tensor Texts, Tensor LogitScale);
