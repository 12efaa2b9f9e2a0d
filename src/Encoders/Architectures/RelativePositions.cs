using LmmRec.Graphs;

namespace LmmRec.Encoders.Architectures;

/// <summary>
/// The relative position bias of VLMo Base and Large (docs/encoders.md#relative-positions): one table for pictures, texts and both together; for
/// each layer, [heads, tokens, tokens] to be added to the attention's logits.
/// </summary>
internal sealed class RelativePositions(Layers layers, TransformerSize size, int grid, int textLength)
{
    /// <summary>The table was made for texts of up to 196 tokens, whatever length is used.</summary>
    internal const int LongestText = 196;

    private IReadOnlyList<Tensor>? _image, _text, _fused;

    /// <summary>For pictures: class token and patches.</summary>
    public IReadOnlyList<Tensor> Image => _image ??= Biases(ImageTokens, (i, j) => ImageIndex(grid, i, j));

    /// <summary>For texts.</summary>
    public IReadOnlyList<Tensor> Text => _text ??= Biases(textLength, (i, j) => TextIndex(grid, i, j));

    /// <summary>For texts followed by pictures.</summary>
    public IReadOnlyList<Tensor> Fused => _fused ??= Biases(textLength + ImageTokens, (i, j) => (i < textLength, j < textLength) switch
    {
        (true, true) => TextIndex(grid, i, j),
        (false, false) => ImageIndex(grid, i - textLength, j - textLength),
        (true, false) => TextToImage(grid),
        (false, true) => TextToImage(grid) + 1,
    });

    private int ImageTokens => grid * grid + 1;

    /// <summary>The table's row for the patches (or class token, 0) <paramref name="i"/> and <paramref name="j"/> of a grid.</summary>
    internal static int ImageIndex(int grid, int i, int j)
    {
        if (i == 0 || j == 0) return Differences(grid) + ClassOffset(i, j);
        var (rows, columns) = ((i - 1) / grid - (j - 1) / grid, (i - 1) % grid - (j - 1) % grid);
        return (rows + grid - 1) * (2 * grid - 1) + columns + grid - 1;
    }

    /// <summary>The table's row for the words (or class token, 0) <paramref name="i"/> and <paramref name="j"/>.</summary>
    internal static int TextIndex(int grid, int i, int j) =>
        i == 0 || j == 0 ? TextClass(grid) + ClassOffset(i, j) : j - i + LongestText - 2 + TextToImage(grid) + 2;

    // The table begins with all differences of two patches; then follow the class token's row, column and itself, …
    private static int Differences(int grid) => (2 * grid - 1) * (2 * grid - 1);

    // … from text to picture and back, …
    private static int TextToImage(int grid) => Differences(grid) + 3;

    // … the differences of two words, and the text's class token.
    private static int TextClass(int grid) => TextToImage(grid) + 2 * LongestText - 1;

    private static int ClassOffset(int i, int j) => i > 0 ? 1 : j > 0 ? 0 : 2;

    private List<Tensor> Biases(int tokens, Func<int, int, int> indexOf)
    {
        var index = new long[tokens * tokens];
        for (var i = 0; i < tokens; i++)
            for (var j = 0; j < tokens; j++) index[i * tokens + j] = indexOf(i, j);
        var table = layers.Parameter("relative_position_bias_table", Initializers.Normal(0.02), TextClass(grid) + 3, (long)size.Layers * size.Heads);
        var all = table[layers.Graph.Constant(TensorData.Of(index), $"relative_positions_{tokens}")].Transpose(1, 0); // [layers · heads, tokens²]
        return [.. Enumerable.Range(0, size.Layers).Select(l => all.Slice(0, l * size.Heads, (l + 1) * size.Heads).Reshape([size.Heads, tokens, tokens]))];
    }
}
