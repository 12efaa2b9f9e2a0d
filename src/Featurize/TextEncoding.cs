using System.Runtime.CompilerServices;
using LmmRec.Artifacts;
using LmmRec.Encoders;

namespace LmmRec.Featurize;

/// <summary>Encodes texts in batches of one length, tokenised by other threads while those before them are encoded.</summary>
/// <param name="encoder">encodes</param>
/// <param name="vectors">takes the vectors, in whatever order the lengths bring</param>
/// <param name="pace">measures</param>
internal sealed class TextEncoding(TextEncoder encoder, VectorPool vectors, EncodingPace pace)
{
    private const int TextsPerPiece = 64; // that one thread tokenises at a time

    /// <summary>Encodes all of <paramref name="texts"/>, which differ.</summary>
    public Task RunAsync(IAsyncEnumerable<(string Sha256, string Text)> texts, int threads, Action<int> advance, CancellationToken cancellation) =>
        pace.EncodeAsync(
            ByLengthAsync(texts.Chunk(TextsPerPiece).SelectAheadAsync(piece => pace.Prepare(piece.Length, () => Tokenize(piece)), threads, cancellation), cancellation),
            batch =>
            {
                Encode(batch);
                advance(batch.Count);
                return batch.Count;
            },
            cancellation);

    private (string, TokenizedText)[] Tokenize((string Sha256, string Text)[] piece) => Array.ConvertAll(piece, text => (text.Sha256, encoder.Tokenize(text.Text)));

    // A batch of a length goes as soon as it is full; at the end those that are not.
    private async IAsyncEnumerable<List<(string Sha256, TokenizedText Text)>> ByLengthAsync(
        IAsyncEnumerable<(string Sha256, TokenizedText Text)[]> pieces, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var waiting = encoder.Lengths.ToDictionary(length => length, _ => new List<(string, TokenizedText)>());
        await foreach (var piece in pieces.WithCancellation(cancellation))
            foreach (var text in piece)
            {
                var batch = waiting[text.Text.Length];
                batch.Add(text);
                if (batch.Count < encoder.BatchSize) continue;
                yield return batch;
                batch.Clear();
            }
        foreach (var batch in waiting.Values.Where(batch => batch.Count > 0)) yield return batch;
    }

    private void Encode(List<(string Sha256, TokenizedText Text)> texts)
    {
        var batch = encoder.NewBatch(texts[0].Text.Length);
        foreach (var (row, (_, text)) in texts.Index()) batch.Set(row, text);
        var encoded = encoder.Run(batch);
        foreach (var (row, (sha256, _)) in texts.Index()) vectors.Add(sha256, encoded.AsSpan(row * encoder.Width, encoder.Width));
    }
}
