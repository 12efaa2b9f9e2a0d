namespace LmmRec.Tables;

/// <summary>A reader of files whose cells hold no value, one or several: their text is gathered row by row in one buffer.</summary>
public abstract class RecordReader : TableReader
{
    private readonly List<Range>[] _values;
    private char[] _text = new char[1 << 12];
    private int _length;

    protected RecordReader(InputFile file, int columns)
        : base(file) => _values = [.. Enumerable.Range(0, columns).Select(_ => new List<Range>())];

    public override ReadOnlySpan<char> this[int column] => _values[column] switch
    {
        [] => [],
        [var only] => _text.AsSpan(only),
        var several => Join(several),
    };

    public override bool Values(int column, List<string> into)
    {
        foreach (var value in _values[column]) into.Add(_text.AsSpan(value).ToString());
        return _values[column].Count != 1 || IsList(column);
    }

    /// <summary>Whether the cell is a list by the file's form, where it holds one value.</summary>
    protected abstract bool IsList(int column);

    /// <summary>Begins a row.</summary>
    protected void Clear()
    {
        _length = 0;
        foreach (var values in _values) values.Clear();
    }

    /// <summary>Whether the column has a value already.</summary>
    protected bool Has(int column) => _values[column].Count > 0;

    /// <summary>Room for <paramref name="characters"/>; <see cref="Add(int, int)"/> makes a value of what was written there.</summary>
    protected Span<char> Room(int characters)
    {
        if (_text.Length - _length < characters) Array.Resize(ref _text, Math.Max(2 * _text.Length, _length + characters));
        return _text.AsSpan(_length);
    }

    protected void Add(int column, int characters)
    {
        _values[column].Add(_length..(_length + characters));
        _length += characters;
    }

    private ReadOnlySpan<char> Join(List<Range> values)
    {
        var start = _length;
        foreach (var value in values)
        {
            var text = _text.AsSpan(value);
            var room = Room(text.Length + 1);
            if (_length > start)
            {
                room[0] = ' ';
                room = room[1..];
                _length++;
            }
            text.CopyTo(room);
            _length += text.Length;
        }
        return _text.AsSpan(start.._length);
    }
}
