<?php

namespace MediaWiki\Extension\WikiFarm;

use Wikimedia\ObjectCache\WANObjectCache;

/** What the farm shows to everybody. It is the same for all, so the service is asked once for many. */
class FeaturedWikis {
	private const SECONDS_TO_KEEP = 30;

	public function __construct(
		private readonly ServiceClient $client,
		private readonly WANObjectCache $cache
	) {
	}

	/**
	 * @param int $limit
	 * @param int $offset
	 * @param int $seconds How long the service may take
	 * @return array `{wikis, next_offset?}`
	 * @throws ServiceFailure
	 */
	public function page( int $limit, int $offset, int $seconds ): array {
		$query = [ 'featured' => 1, 'limit' => $limit, 'offset' => $offset ];
		return $this->cache->getWithSetCallback(
			$this->cache->makeKey( 'wikifarm-featured', $limit, $offset ),
			self::SECONDS_TO_KEEP,
			fn () => $this->client->ask( ServiceRequest::to( 'GET', [ 'wikis' ], $query ), null, $seconds )
		);
	}
}
