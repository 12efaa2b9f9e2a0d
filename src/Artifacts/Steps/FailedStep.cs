using System.Text.Json;
using System.Text.Json.Serialization;
using LmmRec.Artifacts.Store;

namespace LmmRec.Artifacts.Steps;

/// <summary>
/// A step that failed while others went on, was not run since one that it needs failed, or was left out. It is kept in a file beside the artifact's folder until the step
/// succeeds, so that status and report can tell; what the folder holds from before is no result of it.
/// </summary>
/// <param name="Step">what the user is shown as its name</param>
/// <param name="Cause">the kind of fault, such as <c>input</c>; <see cref="NotRun"/> and <see cref="LeftOut"/>: there is none of its own</param>
/// <param name="Message">what went wrong, for people</param>
public sealed record FailedStep(string Step, string Cause, string Message)
{
    /// <summary>The cause of a step that was not run since one that it needs failed.</summary>
    public const string NotRun = "not-run";

    /// <summary>The cause of a step that was left out, since what it reads is not there: nothing reads what it made before.</summary>
    public const string LeftOut = "left-out";

    /// <summary>The cause of an artifact that is not as its manifest says: nothing reads it, and its step makes it again.</summary>
    public const string Damaged = "damaged";

    /// <summary>Whether it failed, or waits for one that did; what was left out did neither.</summary>
    [JsonIgnore]
    public bool IsFailure => Cause != LeftOut;

    /// <summary>The message of a step that was not run since <paramref name="origin"/> failed.</summary>
    public static string Since(string origin) => $"not run, since {origin} failed";

    /// <summary>Whether a step that does not wait for the artifact <paramref name="folder"/> can use it: it is finished, and no later attempt at it failed.</summary>
    public static bool IsUsable(string folder) => Manifest.TryRead(folder) is not null && !File.Exists(PathOf(folder));

    /// <summary>What became of the last attempt to make <paramref name="folder"/>; null: it did not fail.</summary>
    /// <exception cref="InvalidInputException">The file is none of ours.</exception>
    public static FailedStep? TryRead(string folder)
    {
        if (!File.Exists(PathOf(folder))) return null;
        try
        {
            return JsonSerializer.Deserialize<FailedStep>(File.ReadAllBytes(PathOf(folder)), Manifest.Json) ?? throw new JsonException("the file holds null");
        }
        catch (JsonException e)
        {
            throw new InvalidInputException($"{PathOf(folder)}: does not say how a step failed ({e.Message}); delete it", e);
        }
    }

    /// <summary>The steps that failed, of which a folder of artifacts tells: of its own folders, and of those within them.</summary>
    /// <exception cref="InvalidInputException">A file is none of ours.</exception>
    public static IEnumerable<FailedStep> Below(string root) => !Directory.Exists(root) ? [] :
        Directory.EnumerateFiles(root, PathOf("*"), new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 1 })
            .Order(StringComparer.Ordinal).Select(path => TryRead(path[..^PathOf("").Length])).OfType<FailedStep>();

    /// <summary>The file that says so.</summary>
    internal static string PathOf(string folder) => folder + "~failed";

    /// <summary>What tells this failure from others, wherever the folder <paramref name="around"/> of all artifacts lies.</summary>
    internal string HashOutside(string around) => Hashing.OfText($"{Step}\n{Cause}\n{Message.Replace(around + Path.DirectorySeparatorChar, "", StringComparison.Ordinal)}");

    internal void Write(string folder)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(folder))!);
        FileSystem.WriteAtomically(PathOf(folder), stream => JsonSerializer.Serialize(stream, this, Manifest.Json), alone: false);
    }

    /// <summary>What was said of a failure is no longer true: the artifact <paramref name="folder"/> was made, or brought, since.</summary>
    public static void Forget(string folder)
    {
        if (File.Exists(PathOf(folder))) File.Delete(PathOf(folder)); // else the folder around it may not be there either
    }
}
