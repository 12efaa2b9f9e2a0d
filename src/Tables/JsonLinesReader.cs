using System.Text;
using System.Text.Json;
using LmmRec.Tables.Files;

namespace LmmRec.Tables;

/// <summary>
/// Reads a file of one JSON object a line. A column is a field, or a field within another, by their names with dots between; where a list lies on the
/// way, each of its elements is asked. Of a list of lists the first counts. Numbers stay as they are written.
/// </summary>
internal sealed class JsonLinesReader : RecordReader
{
    private readonly Stream _stream;
    private readonly Utf8Lines _lines;
    private readonly Field _root = new([]);
    private readonly bool[] _met, _list;

    public JsonLinesReader(InputFile file, IReadOnlyList<string> wanted)
        : base(file, wanted.Count)
    {
        (_met, _list) = (new bool[wanted.Count], new bool[wanted.Count]);
        for (var i = 0; i < wanted.Count; i++) _root.Add(wanted[i].Split('.'), i);
        _stream = PackedFile.Open(file.Path);
        _lines = new Utf8Lines(_stream, MaxRow);
    }

    protected override string Number => $"line {_lines.Number}";

    public override bool HasColumn(int column) => _met[column];

    public override Task ReadAsync(Func<bool> use, CancellationToken cancellation)
    {
        while (_lines.TryRead(out var line))
        {
            if (line.IsEmpty && !_lines.TooLong) continue;
            Fault = _lines.TooLong ? LineFault.TooLong : Read(line);
            if (!use()) break;
        }
        return Task.CompletedTask;
    }

    public override void Dispose() => _stream.Dispose();

    protected override bool IsList(int column) => _list[column];

    private string? Read(ReadOnlySpan<byte> line)
    {
        Clear();
        Array.Clear(_list);
        try
        {
            var json = new Utf8JsonReader(line);
            json.Read();
            if (json.TokenType != JsonTokenType.StartObject) return "is no JSON object";
            ReadObject(ref json, _root, inList: false);
            return json.Read() ? "holds more than one JSON object" : null;
        }
        catch (Exception e) when (LineFault.Of(e) is { } fault)
        {
            return fault;
        }
    }

    private void ReadObject(ref Utf8JsonReader json, Field field, bool inList)
    {
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var child = field.Find(ref json);
            json.Read();
            if (child is null) json.Skip();
            else ReadValue(ref json, child, inList);
        }
    }

    private void ReadValue(ref Utf8JsonReader json, Field field, bool inList)
    {
        if (field.Column is { } column) _met[column] = true;
        switch (json.TokenType)
        {
            case JsonTokenType.StartObject when field.HoldsFields:
                ReadObject(ref json, field, inList);
                break;
            case JsonTokenType.StartArray:
                ReadList(ref json, field);
                break;
            case JsonTokenType.String or JsonTokenType.Number or JsonTokenType.True or JsonTokenType.False when field.Column is { } wanted && (inList || !Has(wanted)):
                var room = Room(json.ValueSpan.Length);
                Add(wanted, json.TokenType == JsonTokenType.String ? json.CopyString(room) : Encoding.UTF8.GetChars(json.ValueSpan, room));
                break;
            default:
                json.Skip();
                break;
        }
    }

    private void ReadList(ref Utf8JsonReader json, Field field)
    {
        if (field.Column is { } column) _list[column] = true;
        for (var first = true; json.Read() && json.TokenType != JsonTokenType.EndArray; first = false)
        {
            if (json.TokenType == JsonTokenType.StartArray && !first) json.Skip();
            else ReadValue(ref json, field, inList: true);
        }
    }

    /// <summary>A field of an object: a wanted column, or one that holds wanted ones.</summary>
    private sealed class Field(byte[] name)
    {
        private readonly List<Field> _children = [];

        public int? Column { get; private set; }

        public bool HoldsFields => _children.Count > 0;

        public void Add(ReadOnlySpan<string> path, int column)
        {
            if (path.IsEmpty)
            {
                Column = column;
                return;
            }
            var name = Encoding.UTF8.GetBytes(path[0]);
            var child = _children.Find(c => c.IsCalled(name));
            if (child is null) _children.Add(child = new Field(name));
            child.Add(path[1..], column);
        }

        public Field? Find(ref Utf8JsonReader property)
        {
            foreach (var child in _children)
                if (property.ValueTextEquals(child.Name)) return child;
            return null;
        }

        private ReadOnlySpan<byte> Name => name;

        private bool IsCalled(ReadOnlySpan<byte> other) => other.SequenceEqual(name);
    }
}
