using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using LmmRec.Artifacts;
using LmmRec.Artifacts.Store;

namespace LmmRec.Evaluate.Cases;

/// <summary>What a case is: of a trained model, what its manifest says.</summary>
/// <param name="Name">name of the case: that of its folder</param>
/// <param name="Title">what people call it: at first its recommender, such as VBPR; see <see cref="CaseTitles"/></param>
/// <param name="Recommender">such as <c>vbpr</c>; the case's own name where nothing is trained</param>
/// <param name="Encoder">encoder of its features; null where it uses none</param>
/// <param name="Paradigm">paradigm of the encoder, such as <c>pt</c></param>
/// <param name="Modalities"><c>v</c>, <c>t</c> or <c>vt</c></param>
/// <param name="Seed">seed of the training; null where nothing is trained</param>
/// <param name="ChosenBy">the metric that chose its epoch, such as <c>recall@20</c>; null where nothing is trained</param>
/// <param name="Control">what stands in the place of its features: <c>shuffled</c>, <c>noise</c> or <c>constant</c>; null: nothing does</param>
/// <param name="ItemsDropped">items of the catalogue that the case went without, for want of a vector</param>
/// <param name="Runtime">versions and device that it was trained with</param>
internal sealed record CaseDescription(
    string Name, string Title, string Recommender, string? Encoder, string? Paradigm, string? Modalities, int? Seed, string? ChosenBy, string? Control,
    int ItemsDropped, IReadOnlyDictionary<string, string> Runtime)
{
    private const string FactName = "case";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        IgnoreReadOnlyProperties = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        RespectNullableAnnotations = true,
    };

    /// <summary>Name of the case on the features themselves, where <see cref="Control"/> stands in their place.</summary>
    public string? ControlOf { get; init; }

    /// <summary>Whether it is the most popular items: what every other case has to beat.</summary>
    public bool IsBaseline => Name == Baselines.MostPopular.Name;

    /// <summary>Whether a training made it.</summary>
    public bool IsTrained => Seed is not null;

    /// <summary>A case that nobody trains here.</summary>
    public static CaseDescription Untrained(string name, string title) => new(name, title, name, null, null, null, null, null, null, 0, new Dictionary<string, string>());

    /// <summary>Reads what <see cref="WriteTo"/> wrote to the manifest of an evaluation.</summary>
    /// <exception cref="InvalidInputException">It holds no case.</exception>
    public static CaseDescription Of(string folder, Manifest evaluation)
    {
        try
        {
            return evaluation.Facts[FactName].Deserialize<CaseDescription>(Json) ?? throw new JsonException("there is none");
        }
        catch (JsonException e)
        {
            throw new InvalidInputException($"{Path.Combine(folder, Manifest.FileName)}: the fact '{FactName}' cannot be read ({e.Message}); run evaluate again", e);
        }
    }

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
            Fact<string>(model, path, "control"),
            Fact<int?>(model, path, "itemsDropped") ?? 0,
            model.Runtime)
        { ControlOf = Fact<string>(model, path, "controlOf") };
    }

    /// <summary>Puts it among the facts of the case's evaluation, so that this can be read without the model.</summary>
    public void WriteTo(JsonObject facts) => facts[FactName] = JsonSerializer.SerializeToNode(this, Json);

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
