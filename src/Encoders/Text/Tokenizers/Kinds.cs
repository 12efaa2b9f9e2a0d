using LmmRec.Artifacts;

namespace LmmRec.Encoders.Text.Tokenizers;

/// <summary>The parts that a section of tokenizer.json may have, by the name of their type.</summary>
internal sealed class Kinds<TPart>(string section, IReadOnlyDictionary<string, Func<JsonField, TPart>> readers)
{
    /// <summary>Reads a part.</summary>
    /// <exception cref="InvalidInputException">It is damaged, or of a kind that is not supported.</exception>
    public TPart Read(JsonField field)
    {
        var type = field["type"].Text();
        return readers.TryGetValue(type, out var read)
            ? read(field)
            : throw new InvalidInputException($"{field.Place}: {section} '{type}' is not supported; supported are {string.Join(", ", readers.Keys.Order(StringComparer.Ordinal))}");
    }
}
