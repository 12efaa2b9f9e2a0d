namespace LmmRec.Encoders.Text.Tokenizers;

/// <summary>What a text is split into, one after the other in a buffer.</summary>
internal sealed class Pieces
{
    private readonly List<int> _ends = [];
    private char[] _text = new char[256];
    private int _length;

    /// <summary>How many pieces there are.</summary>
    public int Count => _ends.Count;

    /// <summary>Whether the first piece begins where the text does.</summary>
    public bool StartsText { get; private set; }

    /// <summary>A piece; none is empty.</summary>
    public ReadOnlySpan<char> this[int index]
    {
        get
        {
            var start = index == 0 ? 0 : _ends[index - 1];
            return _text.AsSpan(start, _ends[index] - start);
        }
    }

    /// <summary>Adds a piece, behind what was appended to it; an empty one is left out.</summary>
    /// <param name="piece">the piece</param>
    /// <param name="startsText">whether it begins where the text does</param>
    public void Add(ReadOnlySpan<char> piece, bool startsText)
    {
        Append(piece);
        EndPiece(startsText);
    }

    /// <summary>Adds to the piece that is being written.</summary>
    public void Append(ReadOnlySpan<char> part)
    {
        TextGrowth.Check((long)_length + part.Length);
        if (_length + part.Length > _text.Length) Array.Resize(ref _text, Math.Max(2 * _text.Length, _length + part.Length));
        part.CopyTo(_text.AsSpan(_length));
        _length += part.Length;
    }

    /// <summary>Ends the piece that is being written.</summary>
    public void EndPiece(bool startsText)
    {
        if (_length == (_ends.Count == 0 ? 0 : _ends[^1])) return;
        if (_ends.Count == 0) StartsText = startsText;
        _ends.Add(_length);
    }

    /// <summary>Takes all pieces away.</summary>
    public void Clear()
    {
        StartsText = false;
        _ends.Clear();
        _length = 0;
    }
}
