using System.Text.Json;
using LmmRec.Artifacts;

namespace LmmRec.Encoders.Text.Tokenizers;

/// <summary>A value of a JSON file with its place in it, so that what is wrong with it can be told by name.</summary>
/// <param name="Value">the value</param>
/// <param name="File">the file</param>
/// <param name="Name">the field's name: <c>model.merges[3]</c>; empty: the whole file</param>
internal readonly record struct JsonField(JsonElement Value, string File, string Name)
{
    private const int Most = 1_000_000_000;

    /// <summary>File and field, for messages.</summary>
    public string Place => Name == "" ? File : $"{File}: {Name}";

    /// <summary>The member <paramref name="name"/>; null where it is absent or null.</summary>
    /// <exception cref="InvalidInputException">This is no object.</exception>
    public JsonField? Find(string name)
    {
        if (Value.ValueKind != JsonValueKind.Object) throw Fault("is no object");
        return Value.TryGetProperty(name, out var member) && member.ValueKind != JsonValueKind.Null ? this with { Value = member, Name = Name == "" ? name : $"{Name}.{name}" } : null;
    }

    /// <summary>The member <paramref name="name"/>.</summary>
    /// <exception cref="InvalidInputException">It is absent, or this is no object.</exception>
    public JsonField this[string name] => Find(name) ?? throw Fault($"has no {name}");

    /// <summary>The elements.</summary>
    /// <exception cref="InvalidInputException">This is no array.</exception>
    public IEnumerable<JsonField> Items()
    {
        if (Value.ValueKind != JsonValueKind.Array) throw Fault("is no array");
        return All(this);

        static IEnumerable<JsonField> All(JsonField array)
        {
            var index = 0;
            foreach (var item in array.Value.EnumerateArray()) yield return array with { Value = item, Name = $"{array.Name}[{index++}]" };
        }
    }

    /// <summary>The members.</summary>
    /// <exception cref="InvalidInputException">This is no object.</exception>
    public IEnumerable<(string Key, JsonField Field)> Members()
    {
        if (Value.ValueKind != JsonValueKind.Object) throw Fault("is no object");
        return All(this);

        static IEnumerable<(string, JsonField)> All(JsonField fields)
        {
            foreach (var member in fields.Value.EnumerateObject())
            {
                var key = fields.Whole(() => member.Name);
                yield return (key, fields with { Value = member.Value, Name = $"{fields.Name}.{key}" });
            }
        }
    }

    /// <summary>The value as text.</summary>
    /// <exception cref="InvalidInputException">It is none.</exception>
    public string Text()
    {
        var value = Value;
        return value.ValueKind == JsonValueKind.String ? Whole(() => value.GetString()!) : throw Fault("is no text");
    }

    /// <summary>The value as a whole number from 0 on.</summary>
    /// <exception cref="InvalidInputException">It is none.</exception>
    public int Count() => Value.ValueKind == JsonValueKind.Number && Value.TryGetInt32(out var number) && number is >= 0 and <= Most ? number : throw Fault($"is no whole number from 0 to {Most}");

    /// <summary>The value as a number, to the last bit as Rust reads it.</summary>
    /// <exception cref="InvalidInputException">It is none.</exception>
    public double Number() => Value.ValueKind == JsonValueKind.Number && Value.TryGetDouble(out var number) && double.IsFinite(number) ? RustNumber.Parse(Value.GetRawText()) : throw Fault("is no number");

    /// <summary>The member <paramref name="name"/> as true or false; <paramref name="absent"/> where it is absent or null.</summary>
    /// <exception cref="InvalidInputException">It is something else.</exception>
    public bool Flag(string name, bool absent) => Find(name) switch
    {
        null => absent,
        { Value.ValueKind: JsonValueKind.True } => true,
        { Value.ValueKind: JsonValueKind.False } => false,
        { } other => throw other.Fault("is neither true nor false"),
    };

    /// <summary>What is wrong with the value.</summary>
    public InvalidInputException Fault(string what) => new($"{Place} {what}");

    // Escapes may stand for halves of characters, of which a text cannot be made.
    private string Whole(Func<string> text)
    {
        try
        {
            return text();
        }
        catch (InvalidOperationException)
        {
            throw Fault("holds half of a character (a lone surrogate, or bytes that are no UTF-8)");
        }
    }
}
