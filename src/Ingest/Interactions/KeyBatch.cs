namespace LmmRec.Ingest.Interactions;

/// <summary>Keys that wait to be numbered together (<see cref="KeyIndex.Of(KeyBatch, Span{int})"/>).</summary>
internal sealed class KeyBatch
{
    /// <summary>The most keys.</summary>
    public const int Size = 64;

    private readonly int[] _ends = new int[Size + 1]; // of each key in the text, after a 0
    private char[] _text = new char[1 << 11];

    public int Count { get; private set; }

    public ReadOnlySpan<char> this[int key] => _text.AsSpan(_ends[key].._ends[key + 1]);

    public void Add(ReadOnlySpan<char> key)
    {
        var start = _ends[Count];
        if (start + key.Length > _text.Length) Array.Resize(ref _text, 2 * (start + key.Length));
        key.CopyTo(_text.AsSpan(start));
        _ends[++Count] = start + key.Length;
    }

    public void Clear() => Count = 0;
}
