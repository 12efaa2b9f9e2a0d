namespace LmmRec.Ingest;

/// <summary>What a run of the stage would read and fetch, found without fetching a picture.</summary>
/// <param name="Interactions">rows after the filters</param>
/// <param name="Users">users of these rows</param>
/// <param name="Items">items of these rows</param>
/// <param name="Files">items whose picture is a file on this machine</param>
/// <param name="WithoutAddress">items that have no address that a picture could be had from</param>
/// <param name="Hosts">the others whose picture is not here yet, by the host of their first address; the one with the most first</param>
/// <param name="RequestsPerSecond">what one host is asked for; infinite for the sample shop</param>
public sealed record IngestPlan(
    int Interactions, int Users, int Items, int Files, int WithoutAddress, IReadOnlyList<KeyValuePair<string, int>> Hosts, double RequestsPerSecond)
{
    /// <summary>Minutes that so many pictures of one host take at the least. Hosts are asked at the same time, so the longest decides.</summary>
    public double Minutes(int pictures) => pictures / RequestsPerSecond / 60;
}
