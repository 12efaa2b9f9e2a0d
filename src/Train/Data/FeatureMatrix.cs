namespace LmmRec.Train.Data;

/// <summary>The features of one modality for all items, without gaps.</summary>
/// <param name="Values">[I × Width] float32, row by row</param>
/// <param name="Width">F, the length of a vector</param>
/// <param name="Filled">items that had no vector</param>
public sealed record FeatureMatrix(float[] Values, int Width, int Filled);
