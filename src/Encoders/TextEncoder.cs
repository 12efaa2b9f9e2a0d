using System.Buffers;
using LmmRec.Artifacts;
using LmmRec.Encoders.Cards;
using LmmRec.Encoders.Text;
using LmmRec.Graphs;

namespace LmmRec.Encoders;

/// <summary>The tower that encodes texts, each at the shortest of a few lengths (docs/encoders.md#lengths-of-texts).</summary>
public sealed class TextEncoder
{
    private const int Shortest = 16;

    private readonly Tower _tower;
    private readonly ITokenizer _tokenizer;
    private readonly TextTokenization _rule;
    private readonly TokenizedText _empty; // of the context length
    private int? _width;

    internal TextEncoder(EncoderCard card, ITokenizer tokenizer, Tower tower)
    {
        (_rule, _tokenizer, _tower, _width) = (card.Text!, tokenizer, tower, tower.Width);
        var padding = _rule.Padding ?? (card.Architecture.IgnoresPadding ? Padding.Free : Padding.Full);
        Lengths = padding == Padding.Free && !tower.ScalesOverBatch && tower.InputSizes is [_, <= 0] ? [.. LengthsUpTo(_rule.Length)] : [_rule.Length];
        _empty = Tokenize("", [_rule.Length]);
        tower.Check(Inputs(NewBatch(_rule.Length)));
        tower.CheckLength(_rule.Length);
        tower.CheckVocabulary(tokenizer.VocabularySize, _rule.File);
    }

    /// <summary>Texts of every batch, so that a vector never depends on how many others come with it.</summary>
    public int BatchSize => _tower.BatchSize;

    /// <summary>Length of a vector; where the graph does not say it, a first batch finds out.</summary>
    public int Width => _width ??= Run(NewBatch(Lengths[0])).Length / BatchSize;

    /// <summary>The lengths in tokens that texts are encoded at, ascending; the last is the context length.</summary>
    public IReadOnlyList<int> Lengths { get; }

    /// <summary>Turns a text into token ids, at the smallest of <see cref="Lengths"/> that holds them; a text that is too long loses its end.</summary>
    public TokenizedText Tokenize(string text) => Tokenize(text, Lengths);

    /// <summary>Whether a text is too long, so that it loses its end.</summary>
    public bool IsCut(string text) => _tokenizer.Encode(_rule.Prefix + text, new long[_rule.Length + 1]) > _rule.Length;

    /// <summary>A batch of empty texts of <paramref name="length"/> tokens, which is one of <see cref="Lengths"/>.</summary>
    public TextBatch NewBatch(int length)
    {
        var batch = new TextBatch(BatchSize, length);
        for (var row = 0; row < BatchSize; row++) batch.Set(row, _empty with { Ids = _empty.Ids[..length] });
        return batch;
    }

    /// <summary>Encodes a batch: [<see cref="BatchSize"/> × <see cref="Width"/>].</summary>
    /// <exception cref="InvalidInputException">The graph is the user's and cannot run, or gives something else than a vector for each text.</exception>
    /// <exception cref="GraphException">A graph of our own cannot run, such as for want of memory.</exception>
    public float[] Run(TextBatch batch) => _tower.Run(Inputs(batch), batch.Counts);

    /// <summary>Fails where the graph cannot run such a text: of one row, unless the graph wants more.</summary>
    /// <exception cref="InvalidInputException">It cannot.</exception>
    internal void Try(TokenizedText text)
    {
        var batch = NewBatch(text.Length);
        batch.Set(0, text);
        _tower.Try(Inputs(batch));
    }

    /// <summary>The vectors of some texts, in their order.</summary>
    internal IReadOnlyList<float[]> VectorsOf(IReadOnlyList<string> texts) => VectorsOf([.. texts.Select(Tokenize)]);

    /// <inheritdoc cref="VectorsOf(IReadOnlyList{string})"/>
    public IReadOnlyList<float[]> VectorsOf(IReadOnlyList<TokenizedText> texts)
    {
        var vectors = new float[texts.Count][];
        foreach (var (batch, items) in BatchesOf(texts))
            foreach (var (item, vector) in items.Zip(Run(batch).Chunk(Width))) vectors[item] = vector;
        return vectors;
    }

    /// <summary>What the graph is fed for some texts.</summary>
    internal IEnumerable<Batch> FeedOf(IReadOnlyList<string> texts) => BatchesOf([.. texts.Select(Tokenize)]).SelectMany(b => _tower.Parts(Inputs(b.Batch))).Select(part => part.Feed);

    // By length; the last text of a length fills the rows that are left.
    private IEnumerable<(TextBatch Batch, int[] Items)> BatchesOf(IReadOnlyList<TokenizedText> texts)
    {
        foreach (var group in texts.Select((tokens, item) => (Tokens: tokens, Item: item)).GroupBy(t => t.Tokens.Length))
            foreach (var part in group.Chunk(BatchSize))
            {
                var batch = NewBatch(group.Key);
                for (var row = 0; row < BatchSize; row++) batch.Set(row, part[Math.Min(row, part.Length - 1)].Tokens);
                yield return (batch, Array.ConvertAll(part, t => t.Item));
            }
    }

    private static IEnumerable<int> LengthsUpTo(int longest)
    {
        for (var length = Shortest; length < longest; length *= 2) yield return length;
        yield return longest;
    }

    private TokenizedText Tokenize(string text, IReadOnlyList<int> lengths)
    {
        var buffer = ArrayPool<long>.Shared.Rent(_rule.Length);
        var ids = buffer.AsSpan(0, _rule.Length);
        var count = _tokenizer.Encode(_rule.Prefix + text, ids);
        if (_rule.PadId is { } padding) ids[count..].Fill(padding);
        var length = lengths.First(l => l >= count);
        var tokens = new TokenizedText(ids[..length].ToArray(), count);
        ArrayPool<long>.Shared.Return(buffer);
        return tokens;
    }

    private Batch Inputs(TextBatch batch)
    {
        var names = _tower.Names;
        var inputs = new Batch { [names.Input] = TensorData.Of(batch.Ids, BatchSize, batch.Length) };
        if (names.Mask is not null) inputs[names.Mask] = TensorData.Of(batch.Mask, BatchSize, batch.Length);
        if (names.Types is not null) inputs[names.Types] = TensorData.Of(new long[batch.Ids.Length], BatchSize, batch.Length);
        return inputs;
    }
}

/// <summary>A text as token ids, markers and padding included.</summary>
/// <param name="Ids">[length]</param>
/// <param name="Count">how many of them are not padding</param>
public sealed record TokenizedText(long[] Ids, int Count)
{
    /// <summary>The length that it is encoded at, in tokens.</summary>
    public int Length => Ids.Length;
}

/// <summary>Texts of one length that are encoded together. Different rows may be filled from different threads.</summary>
public sealed class TextBatch
{
    internal TextBatch(int rows, int length)
    {
        Length = length;
        (Ids, Mask, Counts) = (new long[rows * length], new long[rows * length], new int[rows]);
    }

    /// <summary>Tokens of each text.</summary>
    public int Length { get; }

    /// <summary>[rows, length]</summary>
    internal long[] Ids { get; }

    /// <summary>[rows, length]: 1 for tokens, 0 for padding</summary>
    internal long[] Mask { get; }

    /// <summary>[rows]: tokens that are not padding</summary>
    internal int[] Counts { get; }

    /// <summary>Puts a text of this length into <paramref name="row"/>.</summary>
    public void Set(int row, TokenizedText text)
    {
        if (text.Length != Length) throw new ArgumentException($"the text has {text.Length} tokens; the batch is of texts of {Length}", nameof(text));
        text.Ids.CopyTo(Ids, row * Length);
        Mask.AsSpan(row * Length, text.Count).Fill(1);
        Mask.AsSpan(row * Length + text.Count, Length - text.Count).Clear();
        Counts[row] = text.Count;
    }
}
