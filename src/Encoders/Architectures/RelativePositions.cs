using LmmRec.Graphs;

namespace LmmRec.Encoders.Architectures;

/// <summary>
/// The relative position bias of VLMo Base and Large (spec 3.6): one table for pictures, texts and both together; for each layer, [heads, tokens, tokens]
/// to be added to the attention's logits.
/// </summary>
internal sealed class RelativePositions(Layers layers, TransformerSize size, int grid, int textLength)
{
    // The table was made for texts of up to 196 tokens, whatever length is used.
    private const int LongestText = 196;

    // Offsets in the table: differences of patches; the class token's row, column and itself; then between the modalities; then the same for texts.
    private readonly int _imageClass = (2 * grid - 1) * (2 * grid - 1);

    private IReadOnlyList<Tensor>? _image, _text, _fused;

    /// <summary>For pictures: class token and patches.</summary>
    public IReadOnlyList<Tensor> Image => _image ??= Biases(ImageTokens, ImageIndex);

    /// <summary>For texts.</summary>
    public IReadOnlyList<Tensor> Text => _text ??= Biases(textLength, TextIndex);

    /// <summary>For texts followed by pictures.</summary>
    public IReadOnlyList<Tensor> Fused => _fused ??= Biases(textLength + ImageTokens, (i, j) => (i < textLength, j < textLength) switch
    {
        (true, true) => TextIndex(i, j),
        (false, false) => ImageIndex(i - textLength, j - textLength),
        (true, false) => TextToImage,
        (false, true) => TextToImage + 1,
    });

    private int ImageTokens => grid * grid + 1;

    private int TextToImage => _imageClass + 3;

    private int TextClass => TextToImage + 2 * LongestText - 1;

    private int Rows => TextClass + 3;

    private int ImageIndex(int i, int j)
    {
        if (i == 0 || j == 0) return _imageClass + (i > 0 ? 1 : j > 0 ? 0 : 2);
        var (rows, columns) = ((i - 1) / grid - (j - 1) / grid, (i - 1) % grid - (j - 1) % grid);
        return (rows + grid - 1) * (2 * grid - 1) + columns + grid - 1;
    }

    private int TextIndex(int i, int j) => i == 0 || j == 0
        ? TextClass + (i > 0 ? 1 : j > 0 ? 0 : 2)
        : j - i + LongestText - 2 + TextToImage + 2;

    private List<Tensor> Biases(int tokens, Func<int, int, int> indexOf)
    {
        var index = new long[tokens * tokens];
        for (var i = 0; i < tokens; i++)
            for (var j = 0; j < tokens; j++) index[i * tokens + j] = indexOf(i, j);
        var table = layers.Parameter("relative_position_bias_table", Initializers.Normal(0.02), Rows, (long)size.Layers * size.Heads);
        var all = table[layers.Graph.Constant(TensorData.Of(index), $"relative_positions_{tokens}")].Transpose(1, 0); // [layers · heads, tokens²]
        return [.. Enumerable.Range(0, size.Layers).Select(l => all.Slice(0, l * size.Heads, (l + 1) * size.Heads).Reshape([size.Heads, tokens, tokens]))];
    }
}
