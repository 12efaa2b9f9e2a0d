namespace LmmRec.Encoders.Images;

/// <summary>The part of an axis that is cut out around its middle.</summary>
/// <param name="Start">first pixel that is taken</param>
/// <param name="Count">how many there are to take</param>
/// <param name="Before">pixels to be added before them, where there are too few</param>
internal readonly record struct CropRange(int Start, int Count, int Before)
{
    /// <summary><paramref name="wanted"/> pixels of <paramref name="size"/>.</summary>
    public static CropRange Of(int size, int wanted, CropRounding rounding)
    {
        // What is added is rounded the other way: transformers cut at ⌊(size − wanted) / 2⌋, negative or not.
        if (size < wanted) return new CropRange(0, size, (wanted - size + (rounding == CropRounding.Floor ? 1 : 0)) / 2);
        var start = rounding == CropRounding.Floor ? (size - wanted) / 2 : (int)Math.Round((size - wanted) / 2.0, MidpointRounding.ToEven); // Python's round()
        return new CropRange(start, wanted, 0);
    }
}
