using System.ComponentModel.DataAnnotations;
using LmmRec.Artifacts.Configuration;
using LmmRec.Featurize;
using LmmRec.Train;

namespace LmmRec.Cli;

/// <summary>Cases that are left out of an experiment: those that agree with every key that is given. A key's value is one, or a list of which one must fit.</summary>
public sealed record CaseExclusion : IChecked
{
    /// <summary>Names of data sets. Default: any.</summary>
    [OneOrMore, MinLength(1)]
    public IReadOnlyList<string>? Dataset { get; init; }

    /// <summary>Names of recommenders. Default: any.</summary>
    [OneOrMore, MinLength(1)]
    public IReadOnlyList<string>? Recommender { get; init; }

    /// <summary>
    /// Names of encoders, or of a visual and a textual one joined by +, as in a case's name; one alone fits wherever it fills a slot. Default: any, and none where the
    /// recommender uses no content.
    /// </summary>
    [OneOrMore, MinLength(1)]
    public IReadOnlyList<string>? Encoder { get; init; }

    /// <summary>Paradigms of the encoders. Default: as for <see cref="Encoder"/>.</summary>
    [OneOrMore, MinLength(1)]
    public IReadOnlyList<Paradigm>? Paradigm { get; init; }

    /// <summary>Of v, t and vt. Default: as for <see cref="Encoder"/>.</summary>
    [OneOrMore, MinLength(1), AllowedValues("v", "t", "vt")]
    public IReadOnlyList<string>? Modalities { get; init; }

    /// <summary>Seeds. Default: any.</summary>
    [OneOrMore, MinLength(1)]
    public IReadOnlyList<int>? Seed { get; init; }

    /// <inheritdoc/>
    public IEnumerable<(string Key, string Fault)> Faults() => Unknown("recommender", Recommender, Train.Recommenders.Recommender.All.Keys);

    /// <summary>The names that are none of <paramref name="datasets"/> and <paramref name="encoders"/>: key and fault.</summary>
    internal IEnumerable<(string Key, string Fault)> Unknown(IReadOnlyList<string> datasets, IReadOnlyList<string> encoders) =>
        [.. Unknown("dataset", Dataset, datasets), .. Unknown("encoder", Encoder?.SelectMany(name => encoders.Contains(name) ? [name] : name.Split('+')), encoders)];

    /// <summary>Whether a case of the data set <paramref name="dataset"/> is left out.</summary>
    internal bool Fits(string dataset, TrainCase trainCase)
    {
        var features = trainCase.Features;
        return Allows(Dataset, dataset) && Allows(Recommender, trainCase.Recommender.Name) && Allows(Seed, trainCase.Seed) && Allows(Modalities, trainCase.Modalities)
            && Allows(Paradigm?.Select(ConfigurationBinder.NameOf), features?.Paradigm)
            && (Encoder is null || new[] { features?.Name, features?.Visual?.Name, features?.Textual?.Name }.Intersect(Encoder).Any());
    }

    private static bool Allows<T>(IEnumerable<T>? allowed, T? value) => allowed is null || value is not null && allowed.Contains(value);

    private static IEnumerable<(string Key, string Fault)> Unknown(string key, IEnumerable<string>? names, IEnumerable<string> known) =>
        (names ?? []).Where(name => !known.Contains(name)).Select(name => (key, $"unknown {(key == "dataset" ? "data set" : key)} '{name}'{NearestName.Hint(name, known)}"));
}
