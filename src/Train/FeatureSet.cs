namespace LmmRec.Train;

/// <summary>An encoder as Train sees it: a features artifact and the slots that it fills.</summary>
/// <param name="Name">name of the encoder</param>
/// <param name="Paradigm">where its weights come from: <c>pt</c>, pre-trained, or <c>ft</c>, fine-tuned</param>
/// <param name="Folder">the features artifact</param>
/// <param name="Visual">it fills the visual slot</param>
/// <param name="Textual">it fills the textual slot</param>
public sealed record FeatureSource(string Name, string Paradigm, string Folder, bool Visual, bool Textual);

/// <summary>What the two slots of a recommender that uses content are filled from.</summary>
/// <param name="Name">name of the encoder, or of both joined by +</param>
/// <param name="Paradigm">where its weights come from: <c>pt</c>, pre-trained, or <c>ft</c>, fine-tuned</param>
/// <param name="Visual">artifact of the visual vectors, if there are any</param>
/// <param name="Textual">artifact of the textual vectors, if there are any</param>
public sealed record FeatureSet(string Name, string Paradigm, string? Visual, string? Textual)
{
    /// <summary>
    /// What can fill the slots of <paramref name="modalities"/>: for one modality every encoder that has it; for <c>vt</c> every encoder that has both,
    /// and of those that have one each visual with each textual one of the same paradigm.
    /// </summary>
    public static IReadOnlyList<FeatureSet> For(string modalities, IReadOnlyList<FeatureSource> sources) => modalities switch
    {
        "v" => [.. sources.Where(s => s.Visual).Select(s => new FeatureSet(s.Name, s.Paradigm, s.Folder, null))],
        "t" => [.. sources.Where(s => s.Textual).Select(s => new FeatureSet(s.Name, s.Paradigm, null, s.Folder))],
        _ => [.. sources.Where(s => s.Visual).SelectMany(v => v.Textual
            ? [new FeatureSet(v.Name, v.Paradigm, v.Folder, v.Folder)]
            : sources.Where(t => t is { Textual: true, Visual: false } && t.Paradigm == v.Paradigm).Select(t => new FeatureSet($"{v.Name}+{t.Name}", v.Paradigm, v.Folder, t.Folder)))],
    };
}
