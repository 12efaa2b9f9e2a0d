namespace LmmRec.Encoders.Text;

/// <summary>What can be said of the ids of word pieces (docs/encoders.md#word-pieces).</summary>
public sealed class WordPieceVocabulary
{
    private readonly HashSet<long> _markers = [], _inner = [];

    /// <param name="lines">the pieces by their ids</param>
    /// <param name="markers">those that are no words</param>
    /// <param name="mask">the marker that stands for a hidden piece</param>
    /// <param name="prefix">of pieces inside a word</param>
    internal WordPieceVocabulary(IReadOnlyList<string> lines, IReadOnlyCollection<string> markers, string mask, string prefix)
    {
        var pieces = new List<long>();
        foreach (var (id, piece) in lines.Index())
        {
            if (piece == mask) Mask = id;
            if (markers.Contains(piece)) _markers.Add(id);
            else pieces.Add(id);
            if (piece.StartsWith(prefix, StringComparison.Ordinal)) _inner.Add(id);
        }
        Pieces = pieces;
    }

    /// <summary>The id of [MASK]; null where the vocabulary has none.</summary>
    public long? Mask { get; }

    /// <summary>All ids but those of markers.</summary>
    public IReadOnlyList<long> Pieces { get; }

    /// <summary>Whether it is [PAD], [UNK], [CLS], [SEP] or [MASK].</summary>
    public bool IsMarker(long id) => _markers.Contains(id);

    /// <summary>Whether it goes on with the word of the piece before it.</summary>
    public bool GoesOn(long id) => _inner.Contains(id);
}
