using System.Text.Json;
using TdpHw.Cli.CommandLine;
using TdpHw.Cli.Input;
using TdpHw.Cli.Output;
using TdpHw.Cli.Simulating.Answering;
using TdpHw.Cli.Simulating.Steps;

namespace TdpHw.Cli.Simulating;

/// <summary>
/// Records what happens in a scenario as trace events, for Perfetto and chrome://tracing. Time is logical: each thing that happens
/// takes a microsecond. (Google, "Trace Event Format", JSON object format.)
/// </summary>
internal sealed class Timeline : IDisposable
{
    private const int Process = 1;
    private const int ScenarioTrack = 1;
    private const int KvmTrack = 2;

    private readonly string _path;
    private readonly Stream _stream;
    private readonly Utf8Output _output;
    private readonly JsonObjects _events;
    private readonly Dictionary<string, int> _tracks = [];
    private long _now;
    private long _start;
    private bool _isBroken;

    /// <summary>A timeline of a scenario.</summary>
    /// <param name="stream">Where it goes; closed with the timeline.</param>
    /// <param name="path">What that is called, for messages.</param>
    /// <param name="scenario">What the scenario is called.</param>
    public Timeline(Stream stream, string path, string scenario)
    {
        (_stream, _path) = (stream, path);
        _output = new Utf8Output(stream);
        _events = new JsonObjects(_output, isArray: true);
        _output.Write("{\"traceEvents\":");
        _events.Begin();
        Name("process_name", ScenarioTrack, $"tdphw simulate {scenario}");
        Name("thread_name", ScenarioTrack, "scenario");
        Name("thread_name", KvmTrack, "KVM");
    }

    /// <summary>Creates the file of a timeline, or empties it.</summary>
    /// <exception cref="InputException">It can't be written.</exception>
    public static Timeline Create(string path, string scenario)
    {
        try
        {
            return new Timeline(new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0), path, scenario);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw Failed(path, Directory.Exists(path) ? "is a directory, not a file"
                : e is ArgumentException argument ? ArgumentMessage.Of(argument)
                : e.Message);
        }
    }

    /// <summary>Gives somebody a track of its own: what happens to it is shown there, and not with KVM.</summary>
    /// <param name="subject">What its events call it.</param>
    /// <param name="name">What the track is called.</param>
    public void AddTrack(string subject, string name)
    {
        int track = KvmTrack + 1 + _tracks.Count;
        if (_tracks.TryAdd(subject, track))
        {
            Name("thread_name", track, name);
        }
    }

    /// <summary>Begins a step.</summary>
    public void BeginStep() => _start = _now;

    /// <summary>Records what happens within a step.</summary>
    /// <param name="kind">What happened.</param>
    /// <param name="subject">To whom.</param>
    /// <param name="address">The first address that it concerns.</param>
    /// <param name="size">How many bytes it concerns; 0 where that means nothing.</param>
    /// <param name="detail">What else there is to say; may be empty.</param>
    public void Add(string kind, string subject, ulong address, ulong size, string detail)
    {
        Utf8JsonWriter json = Begin(kind, "i", _tracks.GetValueOrDefault(subject, KvmTrack));
        json.WriteNumber("ts", ++_now);
        json.WriteString("s", "t");
        json.WriteStartObject("args");
        json.WriteString("subject", subject);
        json.WriteHex("address", address);
        if (size != 0)
        {
            json.WriteHex("size", size);
        }

        if (detail.Length != 0)
        {
            json.WriteString("detail", detail);
        }

        json.WriteEndObject();
        _events.EndObject();
    }

    /// <summary>Ends a step.</summary>
    /// <exception cref="InputException">The timeline can't be written.</exception>
    public void EndStep(StepOrigin step, StepAnswer answer)
    {
        _now++;
        Utf8JsonWriter json = Begin(step.Verb, "X", ScenarioTrack);
        json.WriteNumber("ts", _start);
        json.WriteNumber("dur", _now - _start);
        json.WriteStartObject("args");
        json.WriteNumber("step", step.Number);
        StepJson.WriteResult(json, answer);
        json.WriteEndObject();
        _events.EndObject();
        Flush();
    }

    /// <summary>Ends the timeline, wherever the scenario has got to.</summary>
    /// <exception cref="InputException">It can't be written.</exception>
    public void Dispose()
    {
        using (_stream)
        {
            if (!_isBroken)
            {
                _events.End();
                _output.Write("}\n");
                Flush();
            }
        }
    }

    private void Name(string what, int track, string name)
    {
        Utf8JsonWriter json = Begin(what, "M", track);
        json.WriteStartObject("args");
        json.WriteString("name", name);
        json.WriteEndObject();
        _events.EndObject();
    }

    private Utf8JsonWriter Begin(string name, string phase, int track)
    {
        Utf8JsonWriter json = _events.BeginObject();
        json.WriteString("name", name);
        json.WriteString("ph", phase);
        json.WriteNumber("pid", Process);
        json.WriteNumber("tid", track);
        return json;
    }

    private void Flush()
    {
        try
        {
            _output.Flush();
        }
        catch (Exception e) when (e is OutputFailedException or OutputClosedException)
        {
            _isBroken = true;
            throw Failed(_path, e.Message);
        }
    }

    private static InputException Failed(string path, string why) => new($"--timeline {path}: {why}");
}
