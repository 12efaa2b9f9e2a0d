using System.Diagnostics.CodeAnalysis;
using LmmRec.Encoders.Cards;
using LmmRec.Encoders.Images;
using LmmRec.Encoders.Text;

namespace LmmRec.Encoders;

/// <summary>
/// What is encoded together: always <see cref="Encoder.BatchSize"/> rows, so that a vector never depends on how many others come with it.
/// Different rows may be filled from different threads.
/// </summary>
public sealed class EncoderBatch
{
    private readonly EncoderCard _card;
    private readonly ITokenizer? _tokenizer;

    internal EncoderBatch(EncoderCard card, ITokenizer? tokenizer)
    {
        (_card, _tokenizer) = (card, tokenizer);
        if (card.Image is { } image) Pixels = new float[Encoder.BatchSize * 3 * image.Crop * image.Crop];
        if (card.Text is { } text) (Ids, Mask) = (new long[Encoder.BatchSize * text.Length], new long[Encoder.BatchSize * text.Length]);
        for (var row = 0; row < Encoder.BatchSize; row++) SetText(row, "");
    }

    /// <summary>[B, 3, S, S]</summary>
    internal float[] Pixels { get; } = [];

    /// <summary>[B, T]</summary>
    internal long[] Ids { get; } = [];

    /// <summary>[B, T]: 1 for tokens, 0 for padding</summary>
    internal long[] Mask { get; } = [];

    /// <summary>Whether the encoder reads pictures.</summary>
    public bool HasImages => _card.Image is not null;

    /// <summary>Whether the encoder reads texts.</summary>
    public bool HasTexts => _card.Text is not null;

    /// <summary>Decodes, resizes and normalises a picture into <paramref name="row"/>.</summary>
    /// <returns>False and why, where the file cannot be decoded.</returns>
    public bool TrySetImage(int row, byte[] file, [NotNullWhen(false)] out string? reason)
    {
        var rule = _card.Image!;
        if (!ImageDecoder.TryDecode(file, rule.ApplyOrientation, rule.ResizeAndCrop, out var image, out reason)) return false;
        var size = Pixels.Length / Encoder.BatchSize;
        rule.Normalise(image, Pixels.AsSpan(row * size, size));
        return true;
    }

    /// <summary>Tokenises a text into <paramref name="row"/>.</summary>
    public void SetText(int row, string text)
    {
        if (_tokenizer is null) return;
        var length = Ids.Length / Encoder.BatchSize;
        var count = _tokenizer.Encode(text, Ids.AsSpan(row * length, length));
        var mask = Mask.AsSpan(row * length, length);
        mask[..count].Fill(1);
        mask[count..].Clear();
    }
}
