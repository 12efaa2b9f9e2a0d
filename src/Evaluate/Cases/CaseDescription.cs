using System.Text.Json.Nodes;
using LmmRec.Artifacts;
using LmmRec.Artifacts.Store;

namespace LmmRec.Evaluate.Cases;

/// <summary>What a trained model's manifest says of it.</summary>
/// <param name="Name">name of the case: that of its folder</param>
/// <param name="Title">what people call it: at first its recommender, such as VBPR; see <see cref="CaseTitles"/></param>
/// <param name="Recommender">such as <c>vbpr</c></param>
/// <param name="Encoder">encoder of its features; null where it uses none</param>
/// <param name="Paradigm">paradigm of the encoder, such as <c>pt</c></param>
/// <param name="Modalities"><c>v</c>, <c>t</c> or <c>vt</c></param>
/// <param name="Seed">seed of the training; null where nothing is trained</param>
/// <param name="ChosenBy">the metric that chose its epoch, such as <c>recall@20</c>; null where nothing is trained</param>
/// <param name="ItemsDropped">items of the catalogue that the case went without, for want of a vector</param>
/// <param name="Runtime">versions and device that it was trained with</param>
internal sealed record CaseDescription(
    string Name, string Title, string Recommender, string? Encoder, string? Paradigm, string? Modalities, int? Seed, string? ChosenBy, int ItemsDropped,
    IReadOnlyDictionary<string, string> Runtime)
{
    /// <summary>The baseline that takes no model: the same list for everybody, most popular first.</summary>
    public static CaseDescription MostPopular { get; } =
        new("most-popular", "Most popular", "most-popular", null, null, null, null, null, 0, new Dictionary<string, string>());

    public bool IsBaseline => Name == MostPopular.Name;

    /// <summary>Reads the facts of a model's manifest.</summary>
    /// <exception cref="InvalidInputException">The manifest lacks the recommender or the seed.</exception>
    public static CaseDescription Of(string name, string folder, Manifest model)
    {
        var path = Path.Combine(folder, Manifest.FileName);
        var recommender = Fact<string>(model, path, "recommender") ?? throw Lacks(path, "recommender");
        return new CaseDescription(
            name,
            Fact<string>(model, path, "title") ?? recommender,
            recommender,
            Fact<string>(model, path, "encoder"),
            Fact<string>(model, path, "paradigm"),
            Fact<string>(model, path, "modalities"),
            Fact<int?>(model, path, "seed") ?? throw Lacks(path, "seed"),
            Fact<string>(model, path, "chosenBy"),
            Fact<int?>(model, path, "itemsDropped") ?? 0,
            model.Runtime);
    }

    private static T? Fact<T>(Manifest model, string path, string name)
    {
        if (model.Facts[name] is not { } node) return default;
        if (node is JsonValue value && value.TryGetValue<T>(out var found)) return found;
        var expected = typeof(T) == typeof(string) ? "string" : "whole number";
        throw new InvalidInputException($"{path}: the fact '{name}' is {node.ToJsonString()}, which is no {expected}; run train again");
    }

    private static InvalidInputException Lacks(string path, string name) =>
        new($"{path}: the facts name no {name}, so this is no trained model; run train again");
}
