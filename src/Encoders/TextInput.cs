using System.Buffers;
using LmmRec.Artifacts;
using LmmRec.Encoders.Architectures;
using LmmRec.Encoders.Cards;
using LmmRec.Encoders.Text;
using LmmRec.Graphs;

namespace LmmRec.Encoders;

/// <summary>What comes before a graph of texts: they become tokens at the shortest of a few lengths (docs/encoders.md#lengths-of-texts). Thread-safe.</summary>
public sealed class TextInput
{
    private const int Shortest = 16;

    private readonly ITokenizer _tokenizer;
    private readonly TextTokenization _rule;
    private readonly OnnxTower _names;
    private readonly TokenizedText _empty; // of the context length

    /// <param name="card">the card</param>
    /// <param name="tokenizer">the card's</param>
    /// <param name="names">the inputs of the graph</param>
    /// <param name="takesAnyLength">whether the graph takes fewer tokens than the context length, and gives the same vector for them</param>
    /// <exception cref="InvalidInputException">The encoder reads a text at its largest id, and the end marker's is not the vocabulary's largest.</exception>
    internal TextInput(EncoderCard card, ITokenizer tokenizer, OnnxTower names, bool takesAnyLength)
    {
        (_rule, _tokenizer, _names) = (card.Text!, tokenizer, names);
        var padding = _rule.Padding ?? (card.Architecture.IgnoresPadding ? Padding.Free : Padding.Full);
        Lengths = padding == Padding.Free && takesAnyLength ? [.. LengthsUpTo(_rule.Length)] : [_rule.Length];
        _empty = Tokenize("", [_rule.Length]);
        var (end, last) = (_empty.Ids[_empty.Count - 1], tokenizer.VocabularySize - 1);
        if (card.Architecture.ReadsAtLargestId && end != last)
            throw new InvalidInputException($"{_rule.File}: the end marker has the id {end}, and others go up to {last}; the encoder reads a text at its largest id, so put the end marker last ([SEP] in a vocab.txt)");
    }

    /// <summary>The lengths in tokens that texts are encoded at, ascending; the last is the context length.</summary>
    public IReadOnlyList<int> Lengths { get; }

    /// <summary>What the ids are, where they are BERT's word pieces; else null.</summary>
    public WordPieceVocabulary? WordPieces => (_tokenizer as WordPieceTokenizer)?.Pieces;

    /// <summary>Turns a text into token ids, at the smallest of <see cref="Lengths"/> that holds them; a text that is too long loses its end.</summary>
    public TokenizedText Tokenize(string text) => Tokenize(text, Lengths);

    /// <summary>Whether a text is too long, so that it loses its end.</summary>
    public bool IsCut(string text) => _tokenizer.Encode(_rule.Prefix + text, new long[_rule.Length + 1]) > _rule.Length;

    /// <summary>A batch of <paramref name="rows"/> empty texts of <paramref name="length"/> tokens, which is one of <see cref="Lengths"/>.</summary>
    public TextBatch NewBatch(int rows, int length)
    {
        var batch = new TextBatch(rows, length);
        for (var row = 0; row < rows; row++) batch.Set(row, _empty with { Ids = _empty.Ids[..length] });
        return batch;
    }

    /// <summary>What the graph is fed for some texts: all of them at the length of the longest.</summary>
    public Batch Feed(IReadOnlyList<TokenizedText> texts)
    {
        var batch = new TextBatch(texts.Count, texts.Max(text => text.Length));
        foreach (var (row, text) in texts.Index()) batch.Set(row, text with { Ids = [.. text.Ids, .. _empty.Ids[text.Length..batch.Length]] }); // padding
        return Feed(batch);
    }

    /// <summary>What the graph is fed for a batch.</summary>
    public Batch Feed(TextBatch batch)
    {
        long[] shape = [batch.Counts.Length, batch.Length];
        var inputs = new Batch { [_names.Input] = TensorData.Of(batch.Ids, shape) };
        if (_names.Mask is not null) inputs[_names.Mask] = TensorData.Of(batch.Mask, shape);
        if (_names.Types is not null) inputs[_names.Types] = TensorData.Of(new long[batch.Ids.Length], shape);
        return inputs;
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
