namespace LmmRec.Ingest.Sources;

/// <summary>Opens a file that is read once.</summary>
internal delegate Task<ReadableFile> FileOpener(CancellationToken cancellation);

/// <summary>A file for as long as it is read.</summary>
/// <param name="Path">where it lies</param>
/// <param name="Temporary">whether it goes when it has been read</param>
internal sealed record ReadableFile(string Path, bool Temporary) : IDisposable
{
    /// <summary>One of the user's.</summary>
    public static FileOpener At(string path) => _ => Task.FromResult(new ReadableFile(path, Temporary: false));

    public void Dispose()
    {
        if (Temporary) File.Delete(Path);
    }
}
