namespace LmmRec.Encoders.Text.Tokenizers;

/// <summary>The longest pieces that the vocabulary knows, from left to right; those inside a word carry a prefix (docs/encoders.md#word-pieces).</summary>
internal sealed class WordPieces : ITokenModel
{
    private readonly Trie _pieces = new();
    private readonly PieceCache _cache = new();
    private readonly int _inner; // the node behind the prefix
    private readonly int _unknown, _longest;

    /// <param name="vocabulary">the pieces and their ids</param>
    /// <param name="unknown">the id of a word with a part that the vocabulary lacks</param>
    /// <param name="prefix">of pieces inside a word</param>
    /// <param name="longest">characters; a longer word is unknown as a whole</param>
    public WordPieces(IReadOnlyDictionary<string, int> vocabulary, int unknown, string prefix, int longest)
    {
        (Vocabulary, _unknown, _longest) = (vocabulary, unknown, longest);
        foreach (var (piece, id) in vocabulary)
            if (piece.Length > 0) _pieces.Add(piece, id);
        _inner = _pieces.Walk(Trie.Root, prefix);
    }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, int> Vocabulary { get; }

    /// <inheritdoc/>
    public void Encode(ReadOnlySpan<char> piece, List<int> ids)
    {
        if (_cache.TryAdd(piece, ids)) return;
        var first = ids.Count;
        if (IsTooLong(piece) || !AddPieces(piece, ids))
        {
            ids.RemoveRange(first, ids.Count - first);
            ids.Add(_unknown);
        }
        _cache.Remember(piece, ids, first);
    }

    private bool AddPieces(ReadOnlySpan<char> word, List<int> ids)
    {
        for (var node = Trie.Root; word.Length > 0; node = _inner)
        {
            var length = 0;
            var id = node == Trie.None ? Trie.None : _pieces.Longest(node, word, out length);
            if (id == Trie.None) return false;
            ids.Add(id);
            word = word[length..];
        }
        return true;
    }

    private bool IsTooLong(ReadOnlySpan<char> word)
    {
        if (word.Length <= _longest) return false;
        var count = 0;
        foreach (var _ in word.EnumerateRunes()) count++;
        return count > _longest;
    }
}
