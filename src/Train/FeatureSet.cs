namespace LmmRec.Train;

/// <summary>An encoder as Train sees it: a features artifact and the slots that it fills.</summary>
/// <param name="Name">name of the encoder</param>
/// <param name="Paradigm">where its weights come from: <c>pt</c>, pre-trained, <c>ft</c>, fine-tuned, or <c>ete</c>, trained with the recommender from the pre-trained ones on</param>
/// <param name="Folder">the features artifact; end to end, the one that the training begins with</param>
/// <param name="Visual">it fills the visual slot</param>
/// <param name="Textual">it fills the textual slot</param>
public sealed record FeatureSource(string Name, string Paradigm, string Folder, bool Visual, bool Textual)
{
    /// <summary>The paradigm in which the encoder is trained with the recommender.</summary>
    public const string EndToEnd = "ete";

    /// <summary>The encoder's folder; only end to end it is needed.</summary>
    public string? Card { get; init; }

    /// <summary>What stands in for the features of the encoder <see cref="ControlOf"/>, such as <c>shuffled</c>; null: these are an encoder's own.</summary>
    public string? Control { get; init; }

    /// <summary>The encoder that it is a control of.</summary>
    public string? ControlOf { get; init; }
}

/// <summary>What the two slots of a recommender that uses content are filled from.</summary>
/// <param name="Name">name of the encoder, or of both joined by +</param>
/// <param name="Paradigm">where its weights come from, as in <see cref="FeatureSource"/></param>
/// <param name="Visual">encoder of the visual vectors, if there are any</param>
/// <param name="Textual">encoder of the textual vectors, if there are any</param>
public sealed record FeatureSet(string Name, string Paradigm, FeatureSource? Visual, FeatureSource? Textual)
{
    /// <summary>What stands in for the features in one slot at least; null: nothing.</summary>
    public string? Control => Visual?.Control ?? Textual?.Control;

    /// <summary>Name of the set without controls.</summary>
    public string NameWithoutControl => string.Join('+', new[] { Visual, Textual }.OfType<FeatureSource>().Select(source => source.ControlOf ?? source.Name).Distinct());

    /// <summary>
    /// What can fill the slots of <paramref name="modalities"/>: for one modality every encoder that has it; for <c>vt</c> every encoder that has both,
    /// and of those that have one each visual with each textual one of the same paradigm. A control goes with the other's control of the same kind, or
    /// with the other itself where it has none.
    /// </summary>
    public static IReadOnlyList<FeatureSet> For(string modalities, IReadOnlyList<FeatureSource> sources) => modalities switch
    {
        "v" => [.. sources.Where(s => s.Visual).Select(s => new FeatureSet(s.Name, s.Paradigm, s, null))],
        "t" => [.. sources.Where(s => s.Textual).Select(s => new FeatureSet(s.Name, s.Paradigm, null, s))],
        _ => [.. sources.Where(s => s.Visual).SelectMany(v => v.Textual
            ? [new FeatureSet(v.Name, v.Paradigm, v, v)]
            : sources.Where(t => t is { Textual: true, Visual: false } && t.Paradigm == v.Paradigm && Together(v, t, sources)).Select(t => new FeatureSet($"{v.Name}+{t.Name}", v.Paradigm, v, t)))],
    };

    private static bool Together(FeatureSource one, FeatureSource other, IReadOnlyList<FeatureSource> sources) =>
        one.Control == other.Control || one.Control is null && !Has(one, other.Control, sources) || other.Control is null && !Has(other, one.Control, sources);

    private static bool Has(FeatureSource source, string? control, IReadOnlyList<FeatureSource> sources) => sources.Any(s => s.ControlOf == source.Name && s.Control == control);
}
