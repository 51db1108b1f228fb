<?php

namespace MediaWiki\Extension\WikiFarm;

use MediaWiki\Extension\WikiFarm\Rest\WikiListHandler;
use Wikimedia\ObjectCache\WANObjectCache;

/** What the farm shows to everybody. It is the same for all, so the service is asked once for many. */
class FeaturedWikis {
	/** So long what is private or gone by now may still be shown, as it is to who has the page open. */
	private const SECONDS_TO_KEEP = 10;
	/** The most that the service gives at once. Whatever page is asked for, these are asked for and kept: they are few. */
	private const BLOCK = 100;

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
		$wikis = [];
		$start = $offset - $offset % self::BLOCK;
		// Another one than wanted tells whether there is more.
		for ( $next = $start; $next !== null && $start + count( $wikis ) <= $offset + $limit; ) {
			$block = $this->block( $next, $seconds );
			$wikis = array_merge( $wikis, $block['wikis'] ?? [] );
			$isFull = count( $block['wikis'] ?? [] ) === self::BLOCK && isset( $block['next_offset'] );
			$next = $isFull && $next < WikiListHandler::MOST_PASSED_OVER ? $next + self::BLOCK : null;
		}
		$page = [ 'wikis' => array_slice( $wikis, $offset - $start, $limit ) ];
		$isMore = count( $wikis ) > $offset - $start + $limit;
		return $isMore && $offset + $limit <= WikiListHandler::MOST_PASSED_OVER ?
			$page + [ 'next_offset' => $offset + $limit ] : $page;
	}

	private function block( int $offset, int $seconds ): array {
		$query = [ 'featured' => 1, 'limit' => self::BLOCK, 'offset' => $offset ];
		return $this->cache->getWithSetCallback(
			$this->cache->makeKey( 'wikifarm-featured', $offset ),
			self::SECONDS_TO_KEEP,
			fn () => $this->client->ask( ServiceRequest::to( 'GET', [ 'wikis' ], $query ), null, $seconds )
		);
	}
}
