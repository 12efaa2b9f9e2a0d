using System.ComponentModel.DataAnnotations;
using LmmRec.Artifacts.Configuration;
using LmmRec.Encoders.Cards;
using LmmRec.Featurize.Controls;

namespace LmmRec.Featurize;

/// <summary>A modality of an item.</summary>
public enum Slot
{
    /// <summary>The first slot: pictures.</summary>
    Visual,

    /// <summary>The second slot: texts, or any other vector, such as audio.</summary>
    Textual,
}

/// <summary>How an encoder's weights come about.</summary>
public enum Paradigm
{
    /// <summary>Pre-trained: as its card says.</summary>
    Pt,

    /// <summary>Fine-tuned: trained further on the shop's own pairs of picture and text.</summary>
    Ft,

    /// <summary>End to end: trained with the recommender, from the pre-trained weights on.</summary>
    Ete,
}

/// <summary>One encoder: either a card, which gives vectors from pictures and texts, or a feature matrix that the user brought, which fills one slot.</summary>
public record EncoderOptions : IChecked
{
    /// <summary>Name of the artifact. Required; changes the output's place.</summary>
    [Required, RegularExpression("^[A-Za-z0-9][A-Za-z0-9._-]*$", ErrorMessage = "is no name; allowed are letters, digits, '.', '_' and '-', the first a letter or digit")]
    public string Name { get; init; } = "";

    /// <summary>Folder of the encoder's card, or its name in <c>onnx-models/</c>; both are looked for beside the configuration file, then beside the program. Changes the output.</summary>
    public string? Card { get; init; }

    /// <summary>How exactly the encoder's linear layers compute; <c>half</c> and <c>eight-bit</c> take fewer bits for what the card's folder holds in full. Default: as the card says. Changes the output.</summary>
    public Precision? Precision { get; init; }

    /// <summary>Pictures or texts that run at once, where the encoder takes any number. Default: 16 on a processor, 64 on a card. Range: 1 to 4096. Changes the output by rounding at most.</summary>
    [Range(1, 4096)]
    public int? Batch { get; init; }

    /// <summary>The slot that the matrix fills. Changes the output.</summary>
    public Slot? Slot { get; init; }

    /// <summary>
    /// The matrix, from the data folder (<c>--data</c>) on: <c>.npy</c>, with the items' ids in <c>&lt;file&gt;.ids</c>, <c>.parquet</c> with the columns id and
    /// vector, Amazon's <c>.b</c>, or a folder of <c>&lt;id&gt;.npy</c>; <c>{category}</c> stands for that of an Amazon edition. Default: <c>&lt;name&gt;.npy</c>, of an Amazon
    /// edition <c>&lt;name&gt;.b</c>. Changes the output.
    /// </summary>
    public string? File { get; init; }

    /// <summary>How the weights come about: an artifact each. Default: pre-trained.</summary>
    [MinLength(1)]
    public IReadOnlyList<Paradigm> Paradigms { get; init; } = [Paradigm.Pt];

    /// <summary>What stands in for the features of <c>pt</c>, as an encoder of its own called <c>&lt;name&gt;-&lt;control&gt;</c>. Default: nothing.</summary>
    public IReadOnlyList<Control> Controls { get; init; } = [];

    /// <summary>Share of pictures and texts that may fail before the stage says so (exit code 3). Default: 0.05. Range: 0 to 1. Changes the manifest, not the vectors.</summary>
    [Range(0.0, 1.0)]
    public double MaxFailedShare { get; init; } = 0.05;

    /// <summary>Name of the folder of what a paradigm makes, among others of its kind.</summary>
    public string FolderOf(Paradigm paradigm) => paradigm == Paradigm.Pt ? Name : $"{Name}-{ConfigurationBinder.NameOf(paradigm)}";

    /// <summary>Name of a control, and of its folder.</summary>
    public string NameOf(Control control) => $"{Name}-{ConfigurationBinder.NameOf(control)}";

    /// <summary>The names of all folders of what is made.</summary>
    public IEnumerable<string> Folders() => Paradigms.Distinct().Select(FolderOf).Concat(Controls.Distinct().Select(NameOf));

    /// <inheritdoc/>
    public virtual IEnumerable<(string Key, string Fault)> Faults()
    {
        if (Card is null == Slot is null)
            yield return ("", $"encoder '{Name}' has {(Card is null ? "neither card nor slot" : "both card and slot")}; allowed exactly one: card (a folder, or a name in onnx-models), or slot (which a matrix fills, see file)");
        if (File is not null && (File.Length == 0 || Path.IsPathRooted(File) || File.Split('/', '\\').Contains("..")))
            yield return ("file", $"\"{File}\" must lie in the data folder, such as \"features/clip.npy\"");
        if (Paradigms.Distinct().Count() < Paradigms.Count) yield return ("paradigms", "names a paradigm twice");
        if (Controls.Distinct().Count() < Controls.Count) yield return ("controls", "names a control twice");
        if (Controls.Count > 0 && !Paradigms.Contains(Paradigm.Pt))
            yield return ("controls", "stand in for the features of pt, and paradigms does not name it; add pt, or leave controls out");
        if (Slot is not null && Paradigms.Any(paradigm => paradigm != Paradigm.Pt))
            yield return ("paradigms", "a matrix has no weights to train; allowed for a slot: pt");
        if (Paradigms.Contains(Paradigm.Ete) && Precision is not (null or LmmRec.Encoders.Cards.Precision.Full))
            yield return ("precision", "ete trains the weights in full and begins with the features of pt, which must come from the same weights; leave precision out, or give ete an encoder of its own");
    }

    /// <inheritdoc/>
    public virtual IEnumerable<(string Key, string Why)> Unused()
    {
        if (Slot is null && File is not null) yield return ("file", "only a matrix, which has a slot, is read from a file");
        if (Slot is not null && Precision is not null) yield return ("precision", "a matrix is taken as it is");
        if (Slot is not null && Batch is not null) yield return ("batch", "a matrix is taken as it is");
        if (Slot is not null) yield return ("maxFailedShare", "a matrix is taken whole or not at all");
    }
}
