using System.Text.Json.Nodes;
using LmmRec.Artifacts;
using LmmRec.Artifacts.Store;

namespace LmmRec.Evaluate.Cases;

/// <summary>What a trained model's manifest says of it.</summary>
/// <param name="Name">name of the case: that of its folder</param>
/// <param name="Recommender">such as <c>vbpr</c></param>
/// <param name="Encoder">encoder of its features; null where it uses none</param>
/// <param name="Paradigm">paradigm of the encoder, such as <c>pt</c></param>
/// <param name="Modalities"><c>v</c>, <c>t</c> or <c>vt</c></param>
/// <param name="Seed">seed of the training</param>
/// <param name="ItemsDropped">items of the catalogue that the case went without, for want of a vector</param>
/// <param name="Runtime">versions and device that it was trained with</param>
internal sealed record CaseDescription(
    string Name, string Recommender, string? Encoder, string? Paradigm, string? Modalities, int Seed, int ItemsDropped, IReadOnlyDictionary<string, string> Runtime)
{
    /// <summary>Reads the facts of a model's manifest.</summary>
    /// <exception cref="InvalidInputException">The manifest lacks the recommender or the seed.</exception>
    public static CaseDescription Of(string name, string folder, Manifest model)
    {
        var path = Path.Combine(folder, Manifest.FileName);
        return new CaseDescription(
            name,
            Fact<string>(model, path, "recommender") ?? throw Lacks(path, "recommender"),
            Fact<string>(model, path, "encoder"),
            Fact<string>(model, path, "paradigm"),
            Fact<string>(model, path, "modalities"),
            Fact<int?>(model, path, "seed") ?? throw Lacks(path, "seed"),
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
