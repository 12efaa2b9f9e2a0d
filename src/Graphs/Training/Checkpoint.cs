using System.Text.Json;
using System.Text.Json.Nodes;
using LmmRec.Artifacts;
using LmmRec.Artifacts.Store;

namespace LmmRec.Graphs;

/// <summary>
/// What a checkpoint holds beside the tensors: how many steps were done, the states of the caller's generators (<see cref="SeededRandom.State"/>)
/// and whatever else the caller needs to go on.
/// </summary>
public sealed record TrainingState(long Steps)
{
    /// <summary>The plan's schedule, which a session that goes on must have too.</summary>
    public Schedule? Schedule { get; init; }

    public SortedDictionary<string, ulong[]> Random { get; init; } = new(StringComparer.Ordinal);

    public JsonObject Notes { get; init; } = [];

    /// <summary>The state in the checkpoint of <paramref name="folder"/>; null where there is none.</summary>
    /// <exception cref="GraphException">The checkpoint is broken.</exception>
    public static TrainingState? TryRead(string folder) => Checkpoint.IsIn(folder) ? Checkpoint.Read(folder).State : null;
}

/// <summary>
/// A checkpoint is <c>checkpoint.json</c>, which names the safetensors file of its tensors. The json is renamed into place last, so at every
/// moment one whole checkpoint is on disk.
/// </summary>
internal static class Checkpoint
{
    public const string FileName = "checkpoint.json";

    private sealed record Content(string Tensors, TrainingState State);

    public static void Write(string folder, TrainingState state, IEnumerable<(string Name, ITensorBytes Data)> tensors)
    {
        Directory.CreateDirectory(folder);
        var file = $"checkpoint-{state.Steps}.safetensors";
        SafeTensors.Write(Path.Combine(folder, file), tensors);
        FileSystem.WriteAtomically(Path.Combine(folder, FileName), stream => JsonSerializer.Serialize(stream, new Content(file, state), TrainingArtifacts.Json));
        foreach (var old in Directory.EnumerateFiles(folder, "checkpoint-*.safetensors"))
            if (Path.GetFileName(old) != file) File.Delete(old);
    }

    public static bool IsIn(string folder) => File.Exists(Path.Combine(folder, FileName));

    /// <summary>What the checkpoint says, and the file of its tensors.</summary>
    /// <exception cref="GraphException">There is none, or it is broken.</exception>
    public static (TrainingState State, string TensorFile) Read(string folder)
    {
        var path = Path.Combine(folder, FileName);
        if (!IsIn(folder)) throw new GraphException($"'{folder}' holds no checkpoint: {FileName} is not there");
        try
        {
            var content = JsonSerializer.Deserialize<Content>(File.ReadAllBytes(path), TrainingArtifacts.Json);
            if (content is not { Tensors: not null, State: not null }) throw new GraphException($"'{path}' is no checkpoint: it names no tensors");
            var file = Path.Combine(folder, content.Tensors);
            return File.Exists(file) ? (content.State, file) : throw new GraphException($"the checkpoint '{path}' cannot be read: its tensors '{file}' are not there");
        }
        catch (JsonException e)
        {
            throw new GraphException($"the checkpoint '{path}' cannot be read: {e.Message}", e);
        }
    }
}
