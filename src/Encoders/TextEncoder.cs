using LmmRec.Artifacts;
using LmmRec.Encoders.Cards;
using LmmRec.Encoders.Text;
using LmmRec.Graphs;

namespace LmmRec.Encoders;

/// <summary>The tower that encodes texts, each at the shortest of a few lengths (docs/encoders.md#lengths-of-texts).</summary>
public sealed class TextEncoder
{
    private readonly Tower _tower;
    private readonly TextInput _input;
    private int? _width;

    internal TextEncoder(EncoderCard card, ITokenizer tokenizer, Tower tower)
    {
        (_tower, _width) = (tower, tower.Width);
        _input = new TextInput(card, tokenizer, tower.Names, takesAnyLength: !tower.ScalesOverBatch && tower.InputSizes is [_, <= 0]);
        tower.Check(_input.Feed(NewBatch(card.Text!.Length)));
        tower.CheckLength(card.Text.Length);
        tower.CheckVocabulary(tokenizer.VocabularySize, card.Text.File);
    }

    /// <summary>Texts of every batch, so that a vector never depends on how many others come with it.</summary>
    public int BatchSize => _tower.BatchSize;

    /// <summary>Length of a vector; where the graph does not say it, a first batch finds out.</summary>
    public int Width => _width ??= Run(NewBatch(Lengths[0])).Length / BatchSize;

    /// <inheritdoc cref="TextInput.Lengths"/>
    public IReadOnlyList<int> Lengths => _input.Lengths;

    /// <inheritdoc cref="TextInput.Tokenize(string)"/>
    public TokenizedText Tokenize(string text) => _input.Tokenize(text);

    /// <inheritdoc cref="TextInput.IsCut"/>
    public bool IsCut(string text) => _input.IsCut(text);

    /// <summary>A batch of empty texts of <paramref name="length"/> tokens, which is one of <see cref="Lengths"/>.</summary>
    public TextBatch NewBatch(int length) => _input.NewBatch(BatchSize, length);

    /// <summary>Encodes a batch: [<see cref="BatchSize"/> × <see cref="Width"/>].</summary>
    /// <exception cref="InvalidInputException">The graph is the user's and cannot run, or gives something else than a vector for each text.</exception>
    /// <exception cref="GraphException">A graph of our own cannot run, such as for want of memory.</exception>
    public float[] Run(TextBatch batch) => _tower.Run(_input.Feed(batch), batch.Counts);

    /// <summary>Fails where the graph cannot run such a text: of one row, unless the graph wants more.</summary>
    /// <exception cref="InvalidInputException">It cannot.</exception>
    internal void Try(TokenizedText text)
    {
        var batch = NewBatch(text.Length);
        batch.Set(0, text);
        _tower.Try(_input.Feed(batch));
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
    internal IEnumerable<Batch> FeedOf(IReadOnlyList<string> texts) => BatchesOf([.. texts.Select(Tokenize)]).SelectMany(b => _tower.Parts(_input.Feed(b.Batch))).Select(part => part.Feed);

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
}
