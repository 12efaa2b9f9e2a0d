using LmmRec.Artifacts;
using LmmRec.Artifacts.Store;

namespace LmmRec.Encoders.Folders;

/// <summary>The files of an encoder's folder, wherever it lies. Each is asked for by its name, relative to the folder and with <c>/</c> between folders.</summary>
internal abstract class FolderFiles
{
    /// <summary>The folder, for messages.</summary>
    public abstract string Name { get; }

    /// <summary>The names of the files in it and in the folders below; null: they cannot be listed, as on a web server.</summary>
    public abstract IReadOnlyList<string>? Names { get; }

    /// <summary>Where the file <paramref name="name"/> lies on this machine; null: the folder has none.</summary>
    /// <exception cref="InvalidInputException">What lies there is another file, such as a Git LFS pointer, or it cannot be fetched.</exception>
    public async Task<string?> FindAsync(string name, CancellationToken cancellation)
    {
        if (!BareFileName.IsBelow(name)) throw new InvalidInputException($"{Name}: '{name}' is no file in this folder or below it");
        var path = await BringAsync(name, cancellation);
        if (path is not null && StandIn.Of(path) is { } what) throw new InvalidInputException($"{name}: {what}");
        return path;
    }

    /// <summary>The settings in the file <paramref name="name"/>.</summary>
    public async Task<Settings> SettingsAsync(string name, CancellationToken cancellation) => Settings.Read(name, await FindAsync(name, cancellation));

    /// <summary>Brings the file to this machine; null: the folder has none.</summary>
    protected abstract Task<string?> BringAsync(string name, CancellationToken cancellation);
}

/// <summary>A folder on this machine.</summary>
internal sealed class LocalFiles(string folder) : FolderFiles
{
    // Graphs lie in the folder or one below; who names the wrong folder need not wait for all that is in it.
    private static readonly EnumerationOptions Shallow = new() { RecurseSubdirectories = true, MaxRecursionDepth = 1, IgnoreInaccessible = true };

    public override string Name => folder;

    public override IReadOnlyList<string> Names =>
        [.. Directory.EnumerateFiles(folder, "*", Shallow).Select(path => Path.GetRelativePath(folder, path).Replace('\\', '/')).Order(StringComparer.Ordinal)];

    protected override Task<string?> BringAsync(string name, CancellationToken cancellation)
    {
        var path = Path.Combine(folder, name);
        var file = new FileInfo(path); // of a link to nowhere it says that it is there
        if (file.LinkTarget is { } target && file.ResolveLinkTarget(returnFinalTarget: true) is not { Exists: true })
            throw new InvalidInputException($"{name}: is a link to {target}, where there is no file; download it again");
        return Task.FromResult(File.Exists(path) ? path : null);
    }
}
