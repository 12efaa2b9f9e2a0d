using System.Text;
using System.Text.Json;

namespace LmmRec.Ingest.Sources.Amazon;

/// <summary>The fields of a JSON object that fills a line, read once from front to back without a tree.</summary>
/// <exception cref="FormatException">A field is not what it should be; the message says which.</exception>
/// <exception cref="JsonException">The line is no JSON.</exception>
/// <exception cref="InvalidOperationException">A text is no valid UTF-8, or holds half a character.</exception>
internal ref struct JsonFields
{
    private Utf8JsonReader _json;
    private ReadOnlySpan<byte> _name;

    public JsonFields(ReadOnlySpan<byte> line)
    {
        _json = new Utf8JsonReader(line);
        _json.Read();
        if (_json.TokenType != JsonTokenType.StartObject) throw new FormatException("is no JSON object");
    }

    /// <summary>Goes to the next field of the object; false at its end. The value of the last one must have been read.</summary>
    public bool Next()
    {
        _json.Read();
        if (_json.TokenType == JsonTokenType.PropertyName) return true;
        if (_json.CurrentDepth == 0) _json.Read(); // throws where something follows
        return false;
    }

    /// <summary>Whether the field is called <paramref name="name"/>.</summary>
    public bool Is(ReadOnlySpan<byte> name)
    {
        if (!_json.ValueTextEquals(name)) return false;
        _name = name;
        return true;
    }

    /// <summary>Passes over the value.</summary>
    public void Skip() => _json.Skip();

    /// <summary>The value as text; null where it is null.</summary>
    public string? Text()
    {
        _json.Read();
        return _json.TokenType switch
        {
            JsonTokenType.String => _json.GetString(),
            JsonTokenType.Null => null,
            _ => throw new FormatException($"{Encoding.UTF8.GetString(_name)} is no text"),
        };
    }

    /// <summary>The texts of a list, or the one text that stands in its place; empty where it is null.</summary>
    public List<string> Texts()
    {
        var texts = new List<string>();
        _json.Read();
        if (_json.TokenType == JsonTokenType.String) texts.Add(_json.GetString()!);
        else if (_json.TokenType == JsonTokenType.StartArray)
        {
            while (_json.Read() && _json.TokenType != JsonTokenType.EndArray)
                texts.Add(_json.TokenType == JsonTokenType.String ? _json.GetString()! : throw NoTexts());
        }
        else if (_json.TokenType != JsonTokenType.Null) throw NoTexts();
        return texts;
    }

    /// <summary>Goes into the object that is the value; false where it is none.</summary>
    public bool Enter() => Enter(JsonTokenType.StartObject);

    /// <summary>Goes into the list that is the value, before its first element; false where it is none.</summary>
    public bool EnterList() => Enter(JsonTokenType.StartArray);

    /// <summary>Goes into the next object of the list; false at its end. Elements that are none are passed over.</summary>
    public bool EnterNext()
    {
        while (_json.Read() && _json.TokenType != JsonTokenType.EndArray)
        {
            if (_json.TokenType == JsonTokenType.StartObject) return true;
            _json.Skip();
        }
        return false;
    }

    private bool Enter(JsonTokenType start)
    {
        _json.Read();
        if (_json.TokenType == start) return true;
        _json.Skip();
        return false;
    }

    private FormatException NoTexts() => new($"{Encoding.UTF8.GetString(_name)} is no list of texts");
}
