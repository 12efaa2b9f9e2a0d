namespace LmmRec.Encoders.Tests;

/// <summary>A few pictures or texts as callers encode them.</summary>
internal static class EncodeExtensions
{
    /// <summary>The vectors of pictures, each in a row of one batch.</summary>
    public static List<float[]> Encode(this PictureEncoder encoder, IReadOnlyList<(int Row, byte[] File)> pictures)
    {
        var batch = encoder.NewBatch();
        foreach (var (row, file) in pictures) Assert.True(batch.TrySet(row, file, out var reason), reason);
        var vectors = encoder.Run(batch);
        return [.. pictures.Select(p => vectors[(p.Row * encoder.Width)..((p.Row + 1) * encoder.Width)])];
    }

    /// <summary>The vectors of texts, each in a row of the batch of its length.</summary>
    public static List<float[]> Encode(this TextEncoder encoder, IReadOnlyList<(int Row, string Text)> texts)
    {
        var tokenized = texts.Select(t => (t.Row, Text: encoder.Tokenize(t.Text))).ToList();
        var runs = tokenized.GroupBy(t => t.Text.Length).ToDictionary(group => group.Key, group =>
        {
            var batch = encoder.NewBatch(group.Key);
            foreach (var (row, text) in group) batch.Set(row, text);
            return encoder.Run(batch);
        });
        return [.. tokenized.Select(t => runs[t.Text.Length][(t.Row * encoder.Width)..((t.Row + 1) * encoder.Width)])];
    }

    /// <summary>The vectors of texts in the first rows.</summary>
    public static List<float[]> Encode(this TextEncoder encoder, params string[] texts) => encoder.Encode([.. texts.Select((text, row) => (row, text))]);
}
