using System.ComponentModel.DataAnnotations;

namespace LmmRec.Encoders.Text;

/// <summary>What is done to a text before it is split into tokens, whatever the vocabulary.</summary>
public sealed record TextCleaning
{
    /// <summary>How many times HTML entities are resolved; shops' texts are often escaped twice (<c>&amp;amp;amp;</c>).</summary>
    [Range(0, 2)]
    public int Unescape { get; init; } = 1;

    /// <summary>Whether the text is first repaired as ftfy does, with which CLIP was trained: misread encodings, entities, typography (<see cref="TextRepair"/>).</summary>
    public bool Repair { get; init; }

    /// <summary>The cleaned text; the text itself where nothing is to do.</summary>
    public string Clean(string text)
    {
        if (Repair) text = TextRepair.Of(text);
        for (var i = 0; i < Unescape && text.Contains('&'); i++) text = HtmlEntities.Resolve(text);
        return text;
    }
}
