namespace LmmRec.Ingest.Pictures;

/// <summary>Reads a picture that lies on this machine, within the same bounds as one that is fetched.</summary>
internal static class LocalPicture
{
    /// <summary>Reads the file at <paramref name="path"/> into <paramref name="sink"/>.</summary>
    /// <returns>null when it is there, else why it is not.</returns>
    public static async Task<string?> ReadAsync(string path, MemoryStream sink, int maxBytes, CancellationToken cancellation)
    {
        try
        {
            // Devices and pipes, of which some have no end and others block whoever opens them, have no length.
            if ((File.ResolveLinkTarget(path, returnFinalTarget: true) ?? new FileInfo(path)) is not FileInfo { Length: > 0 }) return "is empty, or no regular file";
            await using var file = new FileStream(path, new FileStreamOptions { BufferSize = 0, Options = FileOptions.Asynchronous | FileOptions.SequentialScan });
            var length = (int)Math.Min(file.Length, maxBytes + 1L); // of one that still grows, what it was
            sink.SetLength(length);
            await file.ReadExactlyAsync(sink.GetBuffer().AsMemory(0, length), cancellation);
            return length > maxBytes ? $"is larger than {maxBytes} bytes" : null;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return "there is no such file";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The message of the system names the path, which is no business of the tables.
            return e is UnauthorizedAccessException ? "may not be read by this user" : "cannot be read";
        }
    }
}
