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
            await using var file = new FileStream(path, new FileStreamOptions { BufferSize = 0, Options = FileOptions.Asynchronous | FileOptions.SequentialScan });
            if (file.Length > maxBytes) return $"is larger than {maxBytes} bytes";
            sink.Capacity = (int)file.Length;
            await file.CopyToAsync(sink, cancellation);
            return null;
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
